"""YAML by the quick parser and by PyYAML's own: the same content, and the messages of the second."""

from pathlib import Path

import pytest
import yaml

from pipeline.settings import CONFIGS
from pipeline.yaml_parsing import parse

FILES = sorted(CONFIGS.rglob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(CONFIGS)) for path in FILES])
def test_our_own_files_read_the_same_by_both(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = path.read_text(encoding="utf-8")
    assert yaml.__with_libyaml__
    quick = parse(text)
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    assert parse(text) == quick is not None


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_text_is_nothing(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("text", ["a: [1", "a: b: c", "a: *x", "--- 1\n--- 2", 'a: "open', "a: \x07"])
def test_what_is_wrong_is_told_by_pyyaml(text: str) -> None:
    with pytest.raises(yaml.YAMLError) as expected:
        yaml.safe_load(text)
    with pytest.raises(yaml.YAMLError) as found:
        parse(text)
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "a: " + "{a: " * 5_000])
def test_depth_without_end_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="write it flatter"):
        parse(text)
