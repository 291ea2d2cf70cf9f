"""YAML that people write: whatever PyYAML stumbles over comes out as a YAMLError, and nothing comes out endless."""

from typing import Any

import yaml
from yaml.composer import Composer

MAX_VALUES = 200_000  # the learned corpus, the largest file of ours, is far below


def parse(text: str, loader: type[yaml.SafeLoader] = yaml.SafeLoader) -> Any:
    """What the text holds.

    Aliases may make a few lines stand for billions of values, or a value for itself: both are refused.

    Raises yaml.YAMLError, also where PyYAML raises something else: a date of month 13, `!!int ''`, brackets by
    the thousand.
    """
    try:
        content = _load(text, loader)
        if count_values(content, {}) > MAX_VALUES:
            raise problem(f"its aliases (*name) stand for more than {MAX_VALUES} values; write out what is needed")
    except RecursionError as error:
        raise problem("lists and keys lie too deep inside one another; write it flatter") from error
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError) as error:
        found = str(error).encode("ascii", "backslashreplace").decode()
        raise problem(f"a value is not what it looks like ({found}); put it in quotation marks") from error
    return content


def _load(text: str, loader: type[yaml.SafeLoader]) -> Any:
    """By libyaml, six times as fast. What it stumbles over PyYAML's own parser judges: its messages say more.

    Only words and signs are read in C. The tree of them grows in Python, where one too deep is an error and no crash.
    """
    if yaml.__with_libyaml__:
        try:
            root = _compose(text)
            return loader("").construct_document(root) if root else None
        except (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, OverflowError):
            pass
    return yaml.load(text, loader)  # noqa: S506 - a safe loader


def _compose(text: str) -> yaml.Node | None:
    class QuickLoader(Composer, yaml.CSafeLoader):  # made here: there is none in a PyYAML built without libyaml
        def __init__(self) -> None:
            yaml.CSafeLoader.__init__(self, text)
            Composer.__init__(self)

    return QuickLoader().get_single_node()


def problem(text: str) -> yaml.MarkedYAMLError:
    """An error whose text is whole: what was found, and what to do."""
    return yaml.MarkedYAMLError(problem=text)


def count_values(content: Any, known: dict[int, int]) -> int:
    """How many values there are when every alias is written out; `known`: by identity, what was counted already.

    Raises YAMLError where a value holds itself, UnicodeEncodeError where a text is none: half of a character.
    """
    if isinstance(content, str):
        content.encode()
        return 1
    if not isinstance(content, dict | list | set | tuple):
        return 1
    if id(content) not in known:
        known[id(content)] = -1  # being counted
        parts = [part for pair in content.items() for part in pair] if isinstance(content, dict) else content
        known[id(content)] = 1 + sum(count_values(part, known) for part in parts)
    if known[id(content)] < 0:
        raise problem("an alias (*name) stands inside what it names; write out what is meant")
    return known[id(content)]
