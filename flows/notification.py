"""Tells somebody that the night is over: a JSON message to PRESCORE_WEBHOOK, counts only, no names, no words."""

import json
import logging
import urllib.error
import urllib.request

from flows.batch import RunSummary

logger = logging.getLogger(__name__)
TIMEOUT_S = 10.0


def message(summary: RunSummary) -> dict[str, object]:
    """What is sent. `text` is what chat systems show; the counts are for programs."""
    counts = summary.counts()
    text = f"Prescore {summary.plan.run_id}: {counts['done']} done, {counts['failed']} failed"
    return {"text": text, "run_id": summary.plan.run_id, **counts}


def notify(url: str | None, summary: RunSummary) -> bool:
    """Send the message; True when it was taken. A night that is done does not fail because nobody listens."""
    if not url:
        return False
    if not url.startswith(("http://", "https://")):
        logger.warning("PRESCORE_WEBHOOK is no http address; nothing sent")
        return False
    body = json.dumps(message(summary)).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  checked above
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
            return bool(200 <= response.status < 300)
    except (urllib.error.URLError, TimeoutError) as error:
        logger.warning("the notification was not delivered: %s", type(error).__name__)
        return False
