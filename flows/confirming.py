"""Auto-confirmation after calls were stored or judged again: one transaction, and nothing while no rule is on."""

from pipeline.settings import TrustSettings
from pipeline.store import Store
from pipeline.store.trust import read_rules
from pipeline.store.trust_application import Applied, apply_rules


def confirm_stored(store: Store, trust: TrustSettings) -> tuple[Applied, ...]:
    """Applies the rules that people switched on; says what became of each. Safe to repeat."""
    with store.reading() as con:
        if not any(rule.state in {"waiting", "running"} for rule in read_rules(con)):
            return ()
    with store.writing() as con:
        return apply_rules(con, trust)
