"""No dialogue that is measured on is nearly one that was trained on."""

import re

import pytest

from models import near_duplicates
from models.near_duplicates import ALIKE, MANY, describe, find_near_duplicates, refuse_leaks
from pipeline.corpus import LabelledDialogue, Splits, load_splits
from pipeline.errors import ConfigurationError

SPLITS = Splits(test=frozenset({"windows"}), dev=frozenset({"kitchens"}))
WORDS = {"ru": "Тимур Вектор Лилия Сокол", "en": "Barnaby Quill Larch Osprey", "pl": "Zdzisław Jodła Orzeł Wiąz"}


def renamed(labelled: LabelledDialogue, trade: str) -> LabelledDialogue:
    """A copy in which every name, and whatever else is written large, and every number is another."""
    names = WORDS[labelled.language].split()
    turns = []
    for place, turn in enumerate(labelled.turns):
        for role, text in turn.items():
            text = re.sub(r"(?<=[\w,«\"] )[A-ZА-ЯŁŚŻ]\w+", names[place % len(names)], text)
            turns.append({role: re.sub(r"\d+", lambda found: str(int(found[0]) + 7), text)})
    return labelled.model_copy(update={"id": f"{labelled.id}-copy", "trade": trade, "turns": tuple(turns)})


def dialogue(name: str, trade: str, *texts: str) -> LabelledDialogue:
    return LabelledDialogue(
        id=name,
        language="ru",
        trade=trade,
        direction="outgoing",
        call_type="unknown",
        turns=tuple({"agent": text} for text in texts),
        gold={},
    )


def test_the_corpus_has_no_near_duplicates_across_splits(corpus: tuple[LabelledDialogue, ...]):
    found = find_near_duplicates(corpus, load_splits())
    assert found.leaks == []
    refuse_leaks(found)
    assert 0 < found.highest < ALIKE


@pytest.mark.parametrize("language", ["ru", "en", "pl"])
def test_a_copy_with_other_names_is_found(corpus: tuple[LabelledDialogue, ...], language: str):
    some = [one for one in corpus if one.language == language and len(one.turns) > 10][:40:4]
    splits = load_splits()
    other = {"test": "kitchens", "dev": "windows", "blind": "windows"}
    copies = [renamed(one, other[splits.of(one.trade)]) for one in some]
    found = find_near_duplicates((*corpus, *copies), splits)
    assert {pair.first_id for pair in found.pairs if pair.leaks} == {one.id for one in some}
    with pytest.raises(
        ConfigurationError, match=rf'"{some[0].id}" and "{some[0].id}-copy" are nearly the same \([01]\.'
    ):
        refuse_leaks(found)


def test_a_copy_within_a_split_is_reported_and_not_refused(corpus: tuple[LabelledDialogue, ...]):
    one = next(each for each in corpus if each.trade == "kitchens")
    found = find_near_duplicates([one, renamed(one, "kitchens"), *corpus[:20]], SPLITS)
    assert [(pair.first_id, pair.leaks) for pair in found.pairs] == [(one.id, False)]
    assert found.leaks == []
    assert any(line.startswith(f"within a split: {one.id} and") for line in describe(found))


def test_a_sentence_in_many_dialogues_of_both_splits_is_refused():
    sentence = "Мы работаем для вас каждый день без выходных и праздников"
    openings = ["Кухни на заказ", "Окна и двери", "Шкафы в спальню", "Натяжные потолки"]
    trades = ["kitchens", "windows", "kitchens", "kitchens"]
    corpus = [
        dialogue(f"d{place}", trade, opening, f"{sentence}{'!' * place}")
        for place, (opening, trade) in enumerate(zip(openings, trades, strict=True))
    ]
    found = find_near_duplicates(corpus, SPLITS)
    assert [turn.dialogue_count for turn in found.turns] == [MANY]
    assert any("stands in 4 dialogues of both splits: d0 turn 1, d1 turn 1" in line for line in found.leaks)
    fewer = find_near_duplicates(corpus[:3], SPLITS)
    assert fewer.turns == ()
    one_split = find_near_duplicates([each.model_copy(update={"trade": "kitchens"}) for each in corpus], SPLITS)
    assert len(one_split.turns) == 1 and one_split.leaks == []


def test_short_turns_and_numbers_say_nothing():
    same = "Да хорошо спасибо вам"
    corpus = [dialogue(f"d{place}", "kitchens", same) for place in range(5)]
    assert find_near_duplicates(corpus, SPLITS).turns == ()
    one, two = (
        dialogue(f"n{n}", "kitchens", f"Стоит это {n} рублей, и ждать {n} дней, ну как обычно") for n in (12, 947)
    )
    assert find_near_duplicates([one, two], SPLITS).pairs[0].similarity == pytest.approx(1)


def test_one_dialogue_is_no_pair():
    assert find_near_duplicates([dialogue("d", "kitchens", "Алло")], SPLITS).pairs == ()


@pytest.mark.parametrize("copied", [False, True])
def test_the_command_says_by_its_exit_code(corpus, copied: bool, monkeypatch: pytest.MonkeyPatch, capsys):
    some = corpus[:30]
    splits = load_splits()
    extra = [renamed(some[0], "kitchens" if splits.of(some[0].trade) == "test" else "windows")] if copied else []
    monkeypatch.setattr(near_duplicates, "load_corpus", lambda checklist: (*some, *extra))
    assert near_duplicates.main() == int(copied)
    assert (f"{some[0].id}-copy" in capsys.readouterr().out) == copied
