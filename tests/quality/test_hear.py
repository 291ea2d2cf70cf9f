"""data/corpus/hear.py: who speaks, whose words are whose, what is heard again; the last test needs the synthesizers."""

import importlib
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from pipeline.corpus import CORPUS, LabelledDialogue
from pipeline.corpus_heard import HeardDialogue, load_heard, load_heard_file, written_sha256
from pipeline.errors import ConfigurationError
from pipeline.records import Utterance, Word
from pipeline.settings import load_settings
from tests.fakes import FakeModels, FakeTranscriber
from tests.quality.gold import GoldCall, GoldTurn
from tests.quality.heard import measure, report

NON_COMMERCIAL = {
    "artemiy",
    "arina",
    "evgeniy",
    "lyubov",
    "mikhail",
    "pavel",
    "tatiana",
    "victoria",
    "vitaliy",
    "yuriy",
}
MODULES = ("hear", "casting", "voices")


@pytest.fixture
def hear(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The script as a module; it leaves no trace among the modules or on the path."""
    monkeypatch.syspath_prepend(str(CORPUS))
    yield importlib.import_module("hear")
    for name in MODULES:
        sys.modules.pop(name, None)


def written(dialogue_id: str, *texts: str, language: str = "ru") -> LabelledDialogue:
    roles = ("agent", "client")
    return LabelledDialogue.model_validate(
        {
            "id": dialogue_id,
            "language": language,
            "trade": dialogue_id.split("-")[1],
            "direction": "incoming",
            "call_type": "spam",
            "turns": [{roles[i % 2]: text} for i, text in enumerate(texts or ("Алло?", "Да."))],
            "gold": {},
        }
    )


def as_line(labelled: LabelledDialogue) -> HeardDialogue:
    texts = [text for turn in labelled.turns for text in turn.values()]
    return HeardDialogue.model_validate(
        {
            "id": labelled.id,
            "written_sha256": written_sha256(labelled),
            "layout": "mono",
            "voice": "rhvoice",
            "language": labelled.language,
            "duration_s": 30.0,
            "counted_words": 2,
            "right_role_words": 1,
            "utterances": [{"role": "agent", "speaker": "s", "text": " ".join(texts), "start_s": 0, "end_s": 1}],
            "turns": [{"text": text, "start_s": 0, "end_s": 1} for text in texts],
        }
    )


def test_each_role_has_a_voice_of_its_own_that_a_business_may_use(hear: ModuleType) -> None:
    from casting import cast

    layouts: Counter[str] = Counter()
    channels = set()
    for seed in range(300):
        casting = cast(("ru", "en", "pl")[seed % 3], np.random.default_rng(seed))
        names = {voice.voice for voice in casting.voices.values()}
        assert len(names) == 3 and not names & (NON_COMMERCIAL | {"magda", "natan"})
        assert casting.engine == ("espeak" if seed % 3 == 2 else "rhvoice")
        layouts[casting.recording["layout"]] += 1
        channels.add(casting.recording["agent_channel"])
    assert 75 <= layouts["mono"] <= 125 and channels == {0, 1}


def test_the_same_dialogue_is_cast_the_same_way(hear: ModuleType) -> None:
    from casting import cast

    assert cast("ru", np.random.default_rng(7)) == cast("ru", np.random.default_rng(7))


def gold(layout: str) -> GoldCall:
    turns = (GoldTurn("agent", "a", 1.0, 2.0, 0), GoldTurn("client", "b", 2.5, 4.0, 1), GoldTurn("agent", "c", 5, 6, 0))
    return GoldCall(Path("x.wav"), "ru", layout, "incoming", "", "spam", True, turns, {})


def said(speaker: str, *words: tuple[str, float]) -> Utterance:
    timed = tuple(Word(text, start_s, start_s + 0.2, 1.0) for text, start_s in words)
    return Utterance(0, "agent", " ".join(word.text for word in timed), speaker, words=timed)


def test_a_word_belongs_to_the_turn_nearest_to_its_middle(hear: ModuleType) -> None:
    heard = [said("SPEAKER_00", ("late", 2.0), ("one", 1.2), ("two", 2.3)), said("SPEAKER_01", ("end", 9.0))]
    assert hear.texts_of_turns(gold("mono"), heard) == ["one late", "two", "end"]


def test_where_sides_have_channels_only_the_turns_of_that_channel_count(hear: ModuleType) -> None:
    heard = [said("CHANNEL_0", ("one", 1.2), ("under", 3.4), ("other", 3.6)), said("CHANNEL_1", ("two", 1.3))]
    assert hear.texts_of_turns(gold("stereo"), heard) == ["one under", "two", "other"]


def test_nothing_recognised_in_a_turn_is_an_empty_text(hear: ModuleType) -> None:
    assert hear.texts_of_turns(gold("mono"), [said("SPEAKER_00", ("two", 3.0))]) == ["", "two", ""]


def test_a_run_that_is_cut_short_has_seen_every_trade_at_another_place_of_its_file(hear: ModuleType) -> None:
    corpus = [written(f"ru-{trade}-{n}") for trade in ("a", "b", "c") for n in (1, 2, 3)] + [written("ru-d-1")]
    ordered = [labelled.id for labelled in hear.by_turns_of_trades(corpus)]
    assert ordered[:4] == ["ru-a-1", "ru-b-2", "ru-c-3", "ru-d-1"]
    assert sorted(ordered) == sorted(labelled.id for labelled in corpus)


def test_what_was_heard_is_kept_and_what_was_rewritten_or_removed_leaves(hear: ModuleType, tmp_path: Path) -> None:
    path, models = tmp_path / "ru.jsonl", FakeModels()
    one, two, gone = written("ru-a-2"), written("ru-a-1"), written("ru-a-3")
    assert hear.keep_current(path, models, {}) == set()
    for labelled in (one, two, gone):
        hear.append(path, as_line(labelled))
    corpus = {one.id: one, two.id: two}
    assert hear.keep_current(path, models, corpus) == {one.id, two.id}
    assert list(load_heard(tmp_path)) == ["ru-a-1", "ru-a-2"]
    corpus[one.id] = written(one.id, "Алло?", "Нет.")
    assert hear.keep_current(path, models, corpus) == {two.id}
    assert list(load_heard(tmp_path)) == [two.id]
    assert [entry.name for entry in tmp_path.iterdir()] == ["ru.jsonl"]


def test_a_file_that_other_models_heard_is_left_alone(hear: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "ru.jsonl"
    hear.keep_current(path, FakeModels(), {})
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match=r"ru\.jsonl: was heard by .*fake-transcriber.*move it away"):
        hear.keep_current(path, FakeModels(transcriber=FakeTranscriber(identity="other")), {})
    assert path.read_bytes() == before


def test_errors_are_counted_over_the_turns_in_order() -> None:
    labelled = written("ru-a-1", "Двадцать пять, алло?", "Да, да.")
    one = measure(labelled, as_line(written("ru-a-1", "20 5 алё", "")), "dev")
    assert (one.errors.part, one.errors.whole) == (3, 5)  # one word misheard, two lost
    assert (one.empty.part, one.empty.whole) == (1, 2) and one.roles.value == 0.5


def test_the_table_has_a_row_for_each_language_split_layout_and_voice() -> None:
    first, second = written("ru-windows-01"), written("en-moving-01", language="en")
    lines = report({d.id: as_line(d) for d in (first, second)}, [first, second, written("ru-windows-02")])
    assert [line.split("|")[1:6] for line in lines[2:]] == [
        [" en ", " test ", " mono ", " rhvoice ", " 1 "],
        [" ru ", " test ", " mono ", " rhvoice ", " 1 "],
    ]


@pytest.mark.skipif(not shutil.which("RHVoice-test"), reason="needs RHVoice (data/samples/README.md)")
def test_a_dialogue_goes_through_voices_and_pipeline(hear: ModuleType, tmp_path: Path) -> None:
    labelled = written("ru-shop-01", "Добрый день, слушаю вас.", "Здравствуйте.", "…", "До свидания.")
    heard = hear.hear(labelled, load_settings(), FakeModels())
    starts_s, ends_s = [turn.start_s for turn in heard.turns], [turn.end_s for turn in heard.turns]
    assert ends_s[0] - starts_s[0] > ends_s[3] - starts_s[3] > ends_s[2] - starts_s[2] == pytest.approx(0.3, abs=0.02)
    assert all(end_s < start_s for end_s, start_s in zip(ends_s, starts_s[1:], strict=False))
    assert ends_s[3] < heard.duration_s < ends_s[3] + 1
    words = " ".join(heard.turn_texts).split()
    assert words and sorted(words) == sorted(" ".join(said.text for said in heard.utterances).split())
    assert heard == hear.hear(labelled, load_settings(), FakeModels())  # the same voices, the same noise
    other = labelled.model_copy(update={"id": "ru-shop-02"})
    assert hear.hear(other, load_settings(), FakeModels()).turns != heard.turns


def test_the_file_names_its_models(hear: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "ru.jsonl"
    hear.keep_current(path, FakeModels(), {})
    recognition, dialogues = load_heard_file(path)
    assert (recognition.transcriber, recognition.diarizer, dialogues) == ("fake-transcriber", "fake-diarizer", ())
