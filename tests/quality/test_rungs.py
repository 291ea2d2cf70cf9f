"""Which rungs are measured, and how one that cannot be is told."""

from dataclasses import dataclass, replace

import pytest

from pipeline.errors import UnavailableError, WeightsError
from pipeline.prescoring import Ladder, Lexicons, rules_judge
from pipeline.settings import JudgeSettings, NliSettings
from tests.fakes import FakeModels
from tests.quality.hand_made import CQR, labelled
from tests.quality.judging import encode_timed
from tests.quality.rungs import (
    EXAMPLES,
    LADDER,
    LEARNED,
    RungResult,
    Way,
    as_shipped,
    ladder_of,
    measure,
    section,
    ways,
    without_rules,
)

FULL = labelled("a").model_copy(update={"gold": {c.id: labelled("a").gold["greeting"] for c in CQR.criteria}})


@dataclass
class Silent:
    name: str = "silent"
    identity: str = "silent"

    def classify(self, case):
        raise UnavailableError("down")

    def suggest(self, case, criterion):
        return None


class Unsure:
    identity = "unsure-nli"

    def entail(self, pairs):
        import numpy as np

        return np.full(len(pairs), 0.5)


def test_a_checklist_without_rules_keeps_its_texts():
    stripped = without_rules(CQR)
    assert all(criterion.rule is None for criterion in stripped.criteria)
    assert [criterion.examples for criterion in stripped.criteria] == [criterion.examples for criterion in CQR.criteria]


def test_heads_of_another_encoder_are_refused_not_replaced_by_rules():
    with pytest.raises(WeightsError, match=r"the profile's encoder is fake-encoder-in-context; run `make learn`"):
        ladder_of(CQR, FakeModels(), JudgeSettings())


def test_the_ways_name_what_cannot_be_measured(letters):
    found = ways(CQR, FakeModels(encoder=letters), JudgeSettings())
    assert [(way.name, way.judge is None) for way in found] == [
        ("rules alone", False),
        (LEARNED, False),
        (EXAMPLES, False),
        ("nli alone", True),
        ("instruct alone", True),
    ]
    assert found[1].judge.identity.startswith("heads:")
    assert found[2].judge.identity.startswith("heads+vectors:")


def test_a_model_that_the_profile_names_is_measured_alone(letters):
    settings = JudgeSettings(nli=NliSettings(model="some/model"))
    found = ways(CQR, FakeModels(encoder=letters, entailer=Unsure()), settings)
    nli = next(way for way in found if way.name == "nli alone")
    assert nli.judge is not None and nli.judge.identity.startswith("nli:")
    vectors, _ = encode_timed([FULL.dialogue], letters)
    assert len(measure(nli, [FULL], vectors).judged) == 1


def test_answers_and_time_of_a_way(letters):
    vectors, encode_ms = encode_timed([FULL.dialogue], letters)
    found = measure(Way("rules alone", CQR, rules_judge()), [FULL], vectors)
    assert found.judged[0].labelled is FULL and found.judged[0].evaluation.suggestions
    assert found.ms_per_call > 0 and encode_ms > 0


def test_a_rung_that_did_not_answer_is_not_measured(letters):
    vectors, _ = encode_timed([FULL.dialogue], letters)
    down = measure(Way("nli alone", CQR, Ladder([Silent()], Lexicons())), [FULL], vectors)
    missing = measure(Way("instruct alone", CQR, reason="the profile names no model for it"), [FULL], vectors)
    assert down == replace(RungResult("nli alone", reason="its model did not answer"), ms_per_call=down.ms_per_call)
    page = "\n".join(section([down, missing], CQR, 12.3))
    assert "| nli alone: not measured, its model did not answer | - |" in page
    assert "| instruct alone: not measured, the profile names no model for it | - |" in page
    assert "12 ms" in page


def test_a_longer_ladder_of_the_profile_is_what_counts(letters):
    settings = JudgeSettings(rungs=("heads", "vectors", "nli"), nli=NliSettings(model="some/model"))
    found = ways(CQR, FakeModels(encoder=letters, entailer=Unsure()), settings)
    assert found[-1].name == LADDER and found[-1].judge.identity.startswith("heads+nli:")
    vectors, _ = encode_timed([FULL.dialogue], letters)
    results = [measure(way, [FULL], vectors) for way in (found[1], found[-1])]
    assert as_shipped(results).name == LADDER
    assert as_shipped(results[:1]).name == LEARNED
