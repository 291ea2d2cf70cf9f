"""The audit share: calls that a person checks whatever the rule says, and when their verdicts break the promise.

After a start the error may grow: a new product, a new campaign, other clients. The audit watches for that with the
detector of Shiryaev (1963) and Roberts (1966), in the form that needs no other assumption than the promise itself
(Shin, Ramdas and Rinaldo 2022, "E-detectors", arXiv:2203.03532): each verdict multiplies what has gathered by the odds
of "three times the promised error" against "the promised error". As long as the error is at most the promised one,
false stops are at least `audits_per_false_stop` audits apart on average, however often one looks. Unlike with a bound
over all audits since the start, a long good past does not delay it.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from pipeline.settings import TrustSettings

ALARMING = 3.0  # the error that is to be noticed soonest, in units of the promised one


def is_audited(content_sha256: str, audit_share: float) -> bool:
    """Whether a call belongs to the audit share: by its recording alone, so no answer and no person can sway it."""
    digest = hashlib.sha256(f"prescore audit {content_sha256}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < audit_share * 2**64


def evidence_against(errors: NDArray[np.bool_], promised_error: float) -> NDArray[np.float64]:
    """What has gathered against the promise after each audit, in their order. shapes: (..., audits) -> (..., audits)"""
    alarming = min(ALARMING * promised_error, (1 + promised_error) / 2)
    odds = np.where(errors, alarming / promised_error, (1 - alarming) / (1 - promised_error))
    gathered = np.zeros(errors.shape)
    last = np.zeros(errors.shape[:-1])
    for place in range(errors.shape[-1]):
        last = (1 + last) * odds[..., place]
        gathered[..., place] = last
    return gathered


def breaks_promise(errors: NDArray[np.bool_], promised_error: float, trust: TrustSettings) -> bool:
    """Whether the audits, in the order of their verdicts, have ever spoken strongly enough against the promise."""
    return bool((evidence_against(errors, promised_error) >= trust.audits_per_false_stop).any())
