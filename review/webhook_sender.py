"""Sends the desk's messages to the addresses that are told: signed, again until they answer, at most for a day."""

import hashlib
import hmac
import json
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from pipeline.errors import ConfigurationError, StoreError
from pipeline.review_settings import WebhookSettings
from pipeline.store import Store
from review.api.schemas import call_address
from review.desk.database import Desk, now_s
from review.desk.webhooks import Waiting, begin_attempt, drop, due_deliveries, end_attempt, forget_settled
from review.pages.call_reading import read_facts

log = logging.getLogger(__name__)
SECRET, PAGE = "PRESCORE_WEBHOOK_SECRET", "PRESCORE_PAGE"
SHORTEST_SECRET = 16
TIMEOUT_S = 10.0
EVERY_S = 1.0
AT_ONCE = 100  # messages in one round
PATIENT_S = 2.0  # for the store
TIDY_EVERY_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Outlet:
    """What is sent with: the secret that signs, the page's address for links, and the addresses that are told."""

    secret: bytes
    page: str
    urls: frozenset[str]


def outlet_for(told: Sequence[WebhookSettings], secrets: Mapping[str, str]) -> Outlet | None:
    """None when nobody is told. Raises ConfigurationError without a secret, or for an address without a host."""
    if not told:
        return None
    secret = secrets.get(SECRET, "")
    if len(secret) < SHORTEST_SECRET:
        found = "is not set" if not secret else f"has {len(secret)} characters"
        raise ConfigurationError(
            f"review.webhooks: messages are signed, and {SECRET} {found}; set it to {SHORTEST_SECRET} or more random "
            "characters (openssl rand -hex 32) that the receivers know too, or remove review.webhooks"
        )
    for address in told:
        if not urlsplit(address.url).hostname:
            raise ConfigurationError(f'review.webhooks: "{address.url}" names no host; give https://HOST/PATH')
    return Outlet(secret.encode(), secrets.get(PAGE, ""), frozenset(address.url for address in told))


def signature(secret: bytes, body: bytes, at_s: int) -> str:
    """The header Prescore-Signature: HMAC-SHA256 over the time, a point and the body."""
    digest = hmac.new(secret, f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"


class WebhookSender:
    """The thread; takes up what a killed process has left. One in each process of the page does no harm."""

    def __init__(self, desk: Desk, store: Store, outlet: Outlet, every_s: float = EVERY_S) -> None:
        self._desk = desk
        self._store = store
        self._outlet = outlet
        self._every_s = every_s
        self._tidied_s = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Waits for the message at hand."""
        self._stopped.set()
        self._thread.join()

    def send_due(self) -> int:
        """Sends what is due; returns how many messages arrived. An address that fails has rest until the next round."""
        arrived, failing = 0, set()
        with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
            for waiting in due_deliveries(self._desk, now_s(), AT_ONCE):
                if self._stopped.is_set():
                    break
                if waiting.url in failing or self._is_dropped(waiting):
                    continue
                if self._send(client, waiting):
                    arrived += 1
                else:
                    failing.add(waiting.url)
        return arrived

    def _work(self) -> None:
        while True:
            try:
                self._tidy()
                self.send_due()
            except StoreError as error:
                log.info("webhooks wait: %s", error)
            except Exception:  # the thread outlives whatever happens to a message
                log.exception("webhooks wait; the next attempt is in %g s", self._every_s)
            if self._stopped.wait(self._every_s):
                return

    def _tidy(self) -> None:
        if abs(now_s() - self._tidied_s) > TIDY_EVERY_S:
            forget_settled(self._desk, now_s())
            self._tidied_s = now_s()

    def _is_dropped(self, waiting: Waiting) -> bool:
        """Whether it shall not be sent: what it says no longer holds, or nobody is there to be told."""
        if waiting.undone:
            drop(self._desk, waiting, "undone")
        elif waiting.url not in self._outlet.urls:
            drop(self._desk, waiting, "not_configured")
        else:
            return False
        return True

    def _send(self, client: httpx.Client, waiting: Waiting) -> bool:
        """One attempt; True when it arrived, or when another process makes it."""
        body = waiting.body if waiting.attempts else self._completed(waiting)
        if not begin_attempt(self._desk, waiting, body, now_s()):
            return True
        error = post(client, waiting, body.encode(), self._outlet.secret)
        again_s = end_attempt(self._desk, waiting, now_s(), error)
        if error is not None:
            outcome = "given up" if again_s is None else f"tried again in {again_s - now_s():.0f} s"
            log.warning("webhook %s: %s, %s", waiting.delivery_id, error, outcome)
        return error is None

    def _completed(self, waiting: Waiting) -> str:
        """The message with what only the store and the server know. Raises StoreError while the store is busy."""
        with self._store.reading(timeout_s=PATIENT_S) as con:
            call = read_facts(con, waiting.call_id)
        known = {
            "journal_call_id": call.journal_call_id if call else None,
            "url": call_address(self._outlet.page, waiting.call_id),
        }
        return json.dumps(json.loads(waiting.body) | known, ensure_ascii=False)


def post(client: httpx.Client, waiting: Waiting, body: bytes, secret: bytes) -> str | None:
    """Sends the message; None when it arrived, else what was wrong. What the receiver says is not read."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Prescore",
        "Prescore-Event": waiting.event,
        "Prescore-Delivery": waiting.delivery_id,
        "Prescore-Signature": signature(secret, body, int(now_s())),
    }
    try:
        with client.stream("POST", waiting.url, content=body, headers=headers) as response:
            return None if response.is_success else f"http_{response.status_code}"
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError) as error:
        return type(error).__name__  # its text may hold the address
