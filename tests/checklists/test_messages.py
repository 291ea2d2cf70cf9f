"""Each malformed file gets messages that its writer can act on: exact, a line per problem."""

from pathlib import Path

import pytest
import yaml

from pipeline.checklist import load_checklist
from pipeline.checklist.rules import phrase_problems
from pipeline.errors import ConfigurationError
from pipeline.prescoring.patterns import compile_phrase

MALFORMED = yaml.safe_load((Path(__file__).parent / "malformed.yaml").read_text(encoding="utf-8"))
GOOD = """id: mine
title: {en: mine}
criteria:
  - id: thanks
    title: {en: thanked}
    scale: yes_no
    weights: 2
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("mine.yaml")


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_says_what_to_correct(name: str, file: Path) -> None:
    file.write_text(MALFORMED[name]["file"], encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load_checklist(file)
    assert str(error.value).splitlines() == MALFORMED[name]["messages"]


def test_the_wrong_encoding_names_the_line(file: Path) -> None:
    file.write_bytes(GOOD.replace("thanked", "спасибо").encode("cp1251"))
    with pytest.raises(ConfigurationError) as error:
        load_checklist(file)
    assert str(error.value) == "mine.yaml: line 5: is not UTF-8; save the file with the encoding UTF-8"


def test_a_byte_order_mark_and_unquoted_labels_are_no_mistake(file: Path) -> None:
    levels = "    levels: {yes: {en: done}, no: {no: ikke}}\n    examples: {yes: {en: thanks}}\n"
    file.write_text(GOOD + levels, encoding="utf-8-sig")
    criterion = load_checklist(file).criteria[0]
    assert criterion.levels == {"yes": {"en": "done"}, "no": {"no": "ikke"}}
    assert criterion.examples == {"yes": {"en": ("thanks",)}}


def test_a_folder_and_an_unreadable_character(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        load_checklist(tmp_path)
    file.write_text(GOOD + "\x07", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"mine.yaml: .*special characters .*; remove the character"):
        load_checklist(file)


PHRASES = ["спасибо", "^ спасибо", "!не спасибо", "~ спасибо", "_ спасибо", "^ ~ x", "# рубль", "^"]


@pytest.mark.parametrize("phrase", PHRASES)
def test_the_form_of_phrases_is_what_the_matcher_accepts(phrase: str) -> None:
    try:
        compile_phrase("", phrase, "", {})
        is_accepted = True
    except ValueError:
        is_accepted = False
    assert (phrase_problems("x", {"ru": (phrase,)}) == []) == is_accepted
