"""What a page must never do: write an error to the console, fail, or ask a foreign address."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page, Request

OWN_SCHEMES = ("data:", "blob:")  # what the page made itself


@dataclass(frozen=True)
class Watched:
    """`expected`: statuses that the test asks for, and that the browser writes of as errors."""

    address: str
    expected: Sequence[int] = ()
    troubles: list[str] = field(default_factory=list)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(
            f"status of {code}" in message.text for code in self.expected
        ):
            self.troubles.append(f"{message.type}: {message.text} at {message.location.get('url')}")

    def on_request(self, request: Request) -> None:
        if not request.url.startswith((self.address + "/", *OWN_SCHEMES)):
            self.troubles.append(f"foreign request: {request.url}")


def watch(page: Page, address: str, expected: Sequence[int] = ()) -> Watched:
    """From now on; what is found gathers in `troubles`."""
    watched = Watched(address, expected)
    page.on("console", lambda message: watched.on_console(message))  # playwright writes on what it is given
    page.on("pageerror", lambda error: watched.troubles.append(f"page error: {error}"))
    page.on("request", lambda request: watched.on_request(request))
    return watched
