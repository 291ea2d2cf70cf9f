"""The NLI adapter on small randomly initialised cross-encoders: what it computes, not whether it is right."""

from pathlib import Path

import numpy as np
import pytest

from models.transformers_entailer import TransformersEntailer
from models.transformers_loading import Checkpoint, choose_precision, shown_unavailable
from pipeline.errors import ConfigurationError, UnavailableError
from tests.model_adapters.tiny_models import LABELS, save_entailer

PAIRS = [
    ("Менеджер: Добрый день, компания «Север».", "Поздоровался и назвал компанию."),
    ("Manager: How many people work there? Client: Twelve.", "The manager asks about the client's situation."),
    ("Sprzedawca: Dzień dobry.", "Powitanie."),
]


def checkpoint(folder: Path | str) -> Checkpoint:
    return Checkpoint(str(folder), None, "cpu", "float32")


@pytest.fixture(scope="module", params=["deberta", "xlm-roberta"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_entailer(tmp_path_factory.mktemp("entailer") / request.param, request.param)


def test_an_answer_depends_on_its_pair_and_not_on_its_batch(folder: Path) -> None:
    together = TransformersEntailer(checkpoint(folder), batch_size=8).entail(PAIRS)
    alone = TransformersEntailer(checkpoint(folder), batch_size=1)
    assert together.shape == (3,) and together.dtype == np.float64
    assert ((together > 0) & (together < 1)).all()
    assert len(set(together.round(6))) == 3
    np.testing.assert_allclose([alone.entail([pair])[0] for pair in PAIRS], together, atol=1e-5)
    assert alone.entail([]).shape == (0,)


@pytest.mark.parametrize("order", [LABELS, LABELS[::-1], ("ENTAILMENT", "not_entailment")], ids=str)
def test_the_place_of_entailment_is_read_from_the_model(order: tuple[str, ...], tmp_path: Path) -> None:
    favoured = next(label for label in order if label.lower() == "entailment")
    sure = TransformersEntailer(checkpoint(save_entailer(tmp_path / "yes", "xlm-roberta", order, favoured)))
    other = next(label for label in order if label.lower() != "entailment")
    unsure = TransformersEntailer(checkpoint(save_entailer(tmp_path / "no", "xlm-roberta", order, other)))
    assert (sure.entail(PAIRS) > 0.85).all()
    assert (unsure.entail(PAIRS) < 0.1).all()


def test_a_long_premise_is_cut_and_the_hypothesis_kept(folder: Path) -> None:
    entailer = TransformersEntailer(checkpoint(folder), max_tokens=128)
    long = "Менеджер: Добрый день, компания «Север». " * 40
    first, second = entailer.entail([(long, "Поздоровался."), (long + "ещё " * 50, "Поздоровался.")])
    assert first == pytest.approx(second, abs=1e-5)
    assert 0 < entailer.entail([("Да.", long)])[0] < 1
    assert entailer.entail([(long, "Назвал компанию.")])[0] != pytest.approx(first, abs=1e-6)


def test_no_model_for_inference_is_refused_with_its_labels(tmp_path: Path) -> None:
    folder = save_entailer(tmp_path, "xlm-roberta", ("positive", "negative"))
    with pytest.raises(UnavailableError, match="labels positive, negative and none called"):
        TransformersEntailer(checkpoint(folder)).entail(PAIRS)


def test_weights_that_are_not_there_leave_the_rung_out(tmp_path: Path) -> None:
    entailer = TransformersEntailer(checkpoint(tmp_path / "none"))
    assert entailer.identity.endswith("none:float32:tokens512")  # asking costs nothing
    with pytest.raises(UnavailableError, match=r"none: (cannot be loaded|broke with)"):
        entailer.entail(PAIRS)


def test_what_breaks_is_named_without_its_words() -> None:
    import torch

    with pytest.raises(UnavailableError, match="m: not enough GPU memory") as memory, shown_unavailable("m"):
        raise torch.OutOfMemoryError("слова клиента")
    with pytest.raises(UnavailableError, match="m: broke with ValueError") as other, shown_unavailable("m"):
        raise ValueError("слова клиента")
    assert "клиента" not in f"{memory.value} {other.value}"
    with pytest.raises(ConfigurationError), shown_unavailable("m"):
        raise ConfigurationError("known")


def test_identity_tells_what_changes_the_answer() -> None:
    base = Checkpoint("m", None, "cpu", "float32")
    others = [Checkpoint("n", None, "cpu", "float32"), Checkpoint("m", "v2", "cpu", "float32")]
    others.append(Checkpoint("m", None, "cpu", choose_precision("auto", "cuda")))
    identities = {TransformersEntailer(item).identity for item in (base, *others)}
    assert len(identities | {TransformersEntailer(base, max_tokens=64).identity}) == 5
    faster = TransformersEntailer(Checkpoint("m", None, "cuda", "float32"), batch_size=64)
    assert faster.identity == TransformersEntailer(base).identity
    assert (choose_precision("auto", "cpu"), choose_precision("float16", "cpu")) == ("float32", "float16")
