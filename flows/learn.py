"""The flow `learn`: verdicts made into new heads once a week, the figures and the decision as artifacts."""

from pathlib import Path

from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact

from flows.json_logs import logs_from_environment
from flows.learning import LearningSummary, run_learning
from flows.learning_report import comparison_rows, learning_rows
from flows.selection import choose_calls
from flows.workshop import order_for
from pipeline.data_folder import DataFolder
from pipeline.settings import CONFIGS, ROOT, load_settings
from pipeline.store import Store

ACTOR = "flow learn"
RUN_LOCK_S = 3600.0  # adopting waits for a run that works: what was learned took minutes


@flow(name="learn", retries=1, retry_delay_seconds=600)
def learn(
    since: str = "",
    dry_run: bool = False,
    data: str = str(ROOT / "data"),
    profile: str | None = None,
    config: str = str(CONFIGS / "pipeline.yaml"),
) -> dict[str, int]:
    """Learn from verdicts given `since` a day ("": ever); adopt what is better on held-out ones. Returns counts."""
    logs_from_environment()
    order = order_for(load_settings(Path(config), profile), DataFolder(Path(data).absolute()))
    first = choose_calls(Store(order.data.store), order.settings, since=since).since
    summary = run_learning(order, since=first, dry_run=dry_run, actor=ACTOR, lock_timeout_s=RUN_LOCK_S)
    get_run_logger().info("%d calls with %d verdicts: %s", summary.calls, summary.verdicts, summary.sentence)
    report(summary)
    return summary.counts()


def report(summary: LearningSummary) -> None:
    """The decision, and the figures by criterion."""
    what = f"Prescore: learning from {summary.calls} calls with verdicts"
    create_table_artifact(learning_rows(summary), key="prescore-learning", description=what)
    create_table_artifact(comparison_rows(summary), key="prescore-heads", description=f"{what}: held-out verdicts")
