from functools import partial
from pathlib import Path

import pytest

from flows.workshop import WorkOrder
from pipeline.corpus import CORPUS, load_labelled
from pipeline.data_folder import DataFolder
from pipeline.learning.labels import corpus_samples
from pipeline.prescoring.head_artefact import save_artefact
from pipeline.settings import LearningSettings, load_settings
from pipeline.store import Store
from tests.flow_runs.conftest import FAKES
from tests.learning.heads import CQR, constant_heads
from tests.store.conftest import migrated, new_store, store  # noqa: F401  the store's own fixtures

SOME = load_labelled(CORPUS / "en" / "bike_shop.yaml", CQR)[:4]
SMALL = LearningSettings(min_calls=16, min_held_out=4, own_criterion_verdicts=8)


@pytest.fixture
def order(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> WorkOrder:  # noqa: F811
    """Of the store's data folder, on fakes; few verdicts are enough, and the corpus is small.

    The shipped heads are of another encoder, as the real ones are for the fake one: rules stand in for them.
    """
    shipped = tmp_path / "shipped.npz"
    save_artefact(constant_heads(encoder="another"), shipped)
    for place in ("flows.workshop.HEADS", "pipeline.learning.files.HEADS"):
        monkeypatch.setattr(place, shipped)
    monkeypatch.setattr("flows.learning.corpus_with_type_only_calls", lambda: corpus_samples(SOME))
    monkeypatch.setattr("flows.learning.Store", partial(Store, timeout_s=1))
    settings = load_settings().model_copy(update={"learning": SMALL})
    return WorkOrder(settings, DataFolder(Path(store.path).parent), FAKES)
