import ast
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipeline.errors import ConfigurationError
from pipeline.settings import CONFIGS
from review.catalogue import CATALOGUES, Catalogue, load_catalogues
from review.site import TEMPLATES

NAMES = {"CSV", "XLSX"}  # the same in every language
MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.fixture(scope="module")
def catalogues() -> dict[str, Catalogue]:
    return load_catalogues(MOSCOW)


def test_placeholders_are_the_same_in_every_language(catalogues: dict[str, Catalogue]) -> None:
    for key, text in catalogues["en"].texts.items():
        for other in catalogues.values():
            assert re.findall(r"{\w+}", other.texts[key]) == re.findall(r"{\w+}", text), key


def test_every_key_that_a_template_names_is_there(catalogues: dict[str, Catalogue]) -> None:
    for template in TEMPLATES.glob("*.html"):
        for found in re.findall(r"words\((\"[\w.]+\"|'[\w.]+')[,)]", template.read_text(encoding="utf-8")):
            assert ast.literal_eval(found) in catalogues["en"].texts, f"{template.name}: {found}"


def test_templates_hold_no_words_of_their_own() -> None:
    attributes = r"{% block (?:body_class|calls_current) %}.*?{% endblock %}"
    statements = re.compile(attributes + r"|{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)  # first: an expression may hold a ">"
    markup = re.compile(r"<[^>]*>|&\w+;", re.DOTALL)
    for template in TEMPLATES.glob("*.html"):
        text = markup.sub(" ", statements.sub(" ", template.read_text(encoding="utf-8")))
        assert set(re.findall(r"[^\W\d_]{3,}", text)) <= NAMES, template.name


def test_another_language_is_another_folder(tmp_path: Path) -> None:
    shutil.copytree(CATALOGUES, tmp_path / "catalogues")
    shutil.copytree(CATALOGUES / "en", tmp_path / "catalogues" / "pl")
    polish = load_catalogues(MOSCOW, tmp_path / "catalogues")["pl"]
    assert polish.call_type("objection") == "obiekcje"
    assert polish.of({"en": "greeting", "pl": "powitanie"}) == "powitanie"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("  name: Prescore\n", ""), "pl: add site.name;"),
        (("  name: Prescore\n", "  name: a\n  new: b\n"), "remove site.new;"),
    ],
)
def test_a_catalogue_with_other_keys_is_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    shutil.copytree(CATALOGUES, tmp_path / "catalogues")
    polish = shutil.copytree(CATALOGUES / "en", tmp_path / "catalogues" / "pl")
    text = (polish / "site.yaml").read_text(encoding="utf-8")
    (polish / "site.yaml").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        load_catalogues(MOSCOW, tmp_path / "catalogues")


def test_reasons_come_from_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "reasons").mkdir()
    shutil.copy(CONFIGS / "call_types.yaml", tmp_path)
    (tmp_path / "reasons" / "en.yaml").write_text("greeting.done: all three\nneeds.none: no question\n")
    words = load_catalogues(MOSCOW, configs=tmp_path)["en"]
    assert words.reason("greeting.done") == "all three"
    assert words.reason("needs.none") == "no question"
    assert words.reason("unknown") == ""


def test_numbers_and_times(catalogues: dict[str, Catalogue]) -> None:
    ru, en = catalogues["ru"], catalogues["en"]
    assert (ru.number(79.25, 1), en.number(79.25, 1)) == ("79,2", "79.2")
    assert (ru.percent(0.625), en.percent(None)) == ("62 %", "—")
    assert (ru.seconds(4.25), en.seconds(None)) == ("4,2 с", "—")
    assert [en.clock(seconds) for seconds in (None, 59.9, 61, 3725)] == ["—", "0:59", "1:01", "1:02:05"]
    summer = datetime(2026, 7, 1, 21, 30, tzinfo=UTC).replace(tzinfo=None)
    assert (ru.moment(summer), ru.moment(None)) == ("02.07.2026, 00:30", "—")


def test_labels_of_scales_are_written_as_the_language_does(catalogues: dict[str, Catalogue]) -> None:
    labels = ("yes", "0", "0.5", "1.25", "v1.2", "частично")
    assert [catalogues["ru"].label(label) for label in labels] == ["да", "0", "0,5", "1,25", "v1.2", "частично"]
    assert [catalogues["en"].label(label) for label in labels] == ["yes", "0", "0.5", "1.25", "v1.2", "частично"]


def test_texts_of_users_fall_back(catalogues: dict[str, Catalogue]) -> None:
    ru = catalogues["ru"]
    assert [ru.of(texts) for texts in ({"ru": "а", "en": "b"}, {"en": "b"}, {"pl": "c"}, {})] == ["а", "b", "c", ""]
    assert ru.named("statuses", "new_status") == "new_status"
    assert ru.call_type("new_type") == "new_type"
    with pytest.raises(KeyError):
        ru("no.such.key")
