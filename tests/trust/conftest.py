import pytest

from pipeline.store import Store
from pipeline.store.trust import allow
from tests.store.conftest import migrated, new_store, store  # noqa: F401  the store's own fixtures
from tests.trust.calls import TRUST, add_calls, answered, give, names_of

OLD = names_of("old", 60)
NEW = [*names_of("new", 12, audited=False), *names_of("new", 3, audited=True)]


@pytest.fixture
def verified(store: Store) -> Store:  # noqa: F811
    """60 calls with clean verdicts, and 15 new ones without; 3 of those are in the audit share."""
    add_calls(store, [*OLD, *NEW], answered({"greeting": 1.0, "needs": 0.5, "politeness": 1.0}))
    give(store, OLD, 0.5)
    return store


@pytest.fixture
def allowed(verified: Store) -> Store:
    with verified.writing() as con:
        allow(con, "cqr", "needs", "boris", TRUST)
    return verified
