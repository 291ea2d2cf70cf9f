import numpy as np

from pipeline.auto_confirmation.audits import breaks_promise, evidence_against, is_audited
from tests.store.builders import sha_of
from tests.trust.calls import TRUST

SHAS = [sha_of(str(number)) for number in range(4000)]


def test_the_share_of_calls_is_drawn_by_the_recording_alone() -> None:
    drawn = {sha for sha in SHAS if is_audited(sha, 0.1)}
    assert abs(len(drawn) / len(SHAS) - 0.1) < 0.02
    assert drawn == {sha for sha in SHAS if is_audited(sha, 0.1)}
    assert drawn < {sha for sha in SHAS if is_audited(sha, 0.2)}


def test_a_promise_that_is_kept_is_rarely_called_broken() -> None:
    """By Doob's inequality at most audits / 500; at a calibrated error, hardly ever."""
    generator = np.random.default_rng(1)
    for error, largest in ((0.05, 0.2), (0.02, 0.01)):
        errors = generator.random((2000, 100)) < error
        stopped = (evidence_against(errors, 0.05) >= TRUST.audits_per_false_stop).any(axis=1)
        assert stopped.mean() <= largest


def test_a_broken_promise_is_noticed_even_after_a_long_good_time() -> None:
    generator = np.random.default_rng(1)
    errors = np.concatenate([generator.random((500, 300)) < 0.02, generator.random((500, 100)) < 0.2], axis=1)
    evidence = evidence_against(errors, 0.05) >= TRUST.audits_per_false_stop
    assert evidence[:, :300].any(axis=1).mean() < 0.02
    assert evidence.any(axis=1).mean() > 0.95


def test_few_audits_prove_nothing_unless_all_are_wrong() -> None:
    assert not breaks_promise(np.zeros(0, bool), 0.05, TRUST)
    assert not breaks_promise(np.array([True]), 0.05, TRUST)
    assert not breaks_promise(np.array([True, False, True]), 0.05, TRUST)
    assert breaks_promise(np.ones(6, bool), 0.05, TRUST)


def test_a_large_promised_error_leaves_a_larger_one_to_notice() -> None:
    assert evidence_against(np.ones(3, bool), 0.4)[-1] > evidence_against(np.zeros(3, bool), 0.4)[-1]
