"""Which language a reader gets."""

from collections.abc import Sequence

LANGUAGE = "lang"  # in the address
COOKIE = "prescore_language"
COOKIE_AGE_S = 365 * 24 * 3600
DEFAULT = "ru"


def choose_language(known: Sequence[str], linked: str | None, remembered: str | None, accepted: str) -> str:
    """The first that is known of: chosen by link, remembered in the cookie, accepted by the browser, the default."""
    for language in (linked, remembered, *accepted_languages(accepted)):
        if language is not None and language in known:
            return language
    return DEFAULT if DEFAULT in known else known[0]


def accepted_languages(header: str) -> list[str]:
    """Language codes of an Accept-Language header, the preferred one first; what cannot be read is passed over."""
    weighted = []
    for item in header.split(","):
        tag, _, weight = item.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), tag.partition("-")[0].lower()))
        except ValueError:
            continue
    return [language for weight, language in sorted(weighted, key=lambda pair: pair[0]) if weight < 0]
