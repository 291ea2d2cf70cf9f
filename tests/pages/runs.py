"""A data folder after some nights, through the real doors: recordings processed, some failed, all judged again."""

from pathlib import Path
from typing import Any

import yaml

from flows.batch import run_batch
from flows.rescore_run import run_rescore
from flows.rescoring import rescore_order
from flows.workshop import WorkOrder
from pipeline.data_folder import DataFolder
from pipeline.settings import CONFIGS, Settings
from pipeline.store import Store
from pipeline.store.rescoring import Selection
from tests.flow_runs.conftest import FAKES
from tests.flow_runs.recordings import JOURNAL, bad_recordings, mono_call, stereo_call


def changed_checklist(path: Path, **more: Any) -> Path:
    """The default checklist as somebody has changed it: texts, weights, criteria, what decides one."""
    content = yaml.safe_load((CONFIGS / "checklists" / "cqr.yaml").read_text(encoding="utf-8"))
    by_id = {criterion["id"]: criterion for criterion in content["criteria"]}
    by_id["greeting"]["levels"]["1"] |= {"ru": "Поздоровался и назвал себя.", "pl": "Powitanie i imię."}
    by_id["needs"]["weights"]["objection"] = 2.5
    by_id["politeness"]["critical"] = False
    del by_id["closing"]["rule"]
    by_id["closing"]["phrases"] = {"found": {"1": {"ru": ["договорились"], "en": ["agreed"]}}, "otherwise": "0"}
    by_id["objection"]["applies_when"] = {"said": {"ru": ["дорого", "подумаю"], "en": ["expensive"]}}
    kept = [criterion for criterion in content["criteria"] if criterion["id"] != "upsell"]
    new = {
        "id": "listens",
        "title": {"ru": "слушает клиента", "en": "listens to the client"},
        "group": "culture",
        "scale": "yes_no",
        "weights": 1,
        "metric": {"name": "talk_share", "thresholds": [{"up_to": 0.6, "label": "yes"}, {"label": "no"}]},
    }
    changed = content | {"threshold": 75, "criteria": [*kept, new]} | more
    path.write_text(yaml.safe_dump(changed, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def build_nights(folder: Path, settings: Settings) -> DataFolder:
    """Two runs over an inbox with good and bad recordings, then a re-score by a second version of the checklist."""
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    stereo_call(inbox / "stereo-1.wav", 1)
    mono_call(inbox / "mono-1.wav", 3)
    bad_recordings(inbox)
    (folder / "calls.csv").write_text(JOURNAL, encoding="utf-8")
    order = WorkOrder(settings, DataFolder(folder / "data"), FAKES)
    run_batch(order, [inbox], folder / "calls.csv", b"key", 0)
    stereo_call(inbox / "stereo-2.wav", 2)
    run_batch(order, [inbox], folder / "calls.csv", b"key", 0)
    changed = rescore_order(order, str(changed_checklist(folder / "changed.yaml")))
    run_rescore(changed, Selection(), 0)
    return order.data


def run_ids(data: DataFolder) -> list[str]:
    """The oldest first."""
    with Store(data.store).reading() as con:
        return [row[0] for row in con.execute("SELECT run_id FROM main.runs ORDER BY started_at").fetchall()]
