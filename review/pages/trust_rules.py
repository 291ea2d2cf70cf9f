"""Auto-confirmation as the page shows it: each criterion's rule, what it covers and what it waits for."""

from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from pipeline.auto_confirmation.rules import LEARNED_RUNG, Rule, RuleState
from pipeline.auto_confirmation.thresholds import next_look
from pipeline.checklist import Text
from pipeline.prescoring.trained import is_tested
from pipeline.settings import TrustSettings
from pipeline.store.evaluations import read_checklist
from pipeline.store.heads import read_measured_heads
from pipeline.store.rows import fetch
from pipeline.store.trust import RuleStanding, read_identity, read_rules, read_standings
from pipeline.store.trust_pairs import read_newest_rows


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One criterion. `standing` None: nobody has allowed it. Counts are of the newest calls as they stand now.

    `verdict_count`, `next_look`: of a rule that waits, how many verdicts it has and how many its next test needs.
    """

    criterion_id: str
    title: Text
    critical: bool
    suggestion_count: int
    learned_count: int
    confirmed_count: int
    standing: RuleStanding | None
    is_tested: bool
    verdict_count: int = 0
    next_look: int = 0

    @property
    def state(self) -> RuleState:
        return self.standing.state if self.standing else "off"

    @property
    def is_active(self) -> bool:
        return self.state in ("waiting", "running")

    @property
    def may_be_allowed(self) -> bool:
        """Only what a learned head answers that was measured on it."""
        return not self.is_active and self.learned_count > 0 and self.is_tested

    @property
    def coverage(self) -> float | None:
        """Share of the suggestions that stand confirmed without a person."""
        return self.confirmed_count / self.suggestion_count if self.suggestion_count else None


def read_rule_lines(
    con: duckdb.DuckDBPyConnection, checklist_id: str, trust: TrustSettings, newest: int
) -> tuple[RuleLine, ...]:
    """A line for each criterion of the version that judges now; none while nothing was judged.

    Its counts are over so many of the newest calls.
    """
    identity = read_identity(con, checklist_id)
    if identity is None:
        return ()
    checklist = read_checklist(con, checklist_id, identity.checklist_version)
    titles = {item.id: item.title for item in checklist.criteria} if checklist else {}
    measured = read_measured_heads(con)
    tested = {item.id for item in checklist.criteria if is_tested(item, measured)} if checklist else set()
    since = read_newest_rows(con, newest)["last_old_evaluation"]
    own = {"checklist_id": checklist_id, "rung": LEARNED_RUNG, "last_old_evaluation": since}
    rows = fetch(con, "page_trust_criteria", checklist_version=identity.checklist_version, **own)
    standings = {item.criterion_id: item for item in read_standings(con) if item.checklist_id == checklist_id}
    rules = {rule.criterion_id: rule for rule in read_rules(con) if rule.checklist_id == checklist_id}
    return tuple(
        RuleLine(
            title=titles.get(row["criterion_id"], {"": row["criterion_id"]}),
            standing=standings.get(row["criterion_id"]),
            is_tested=row["criterion_id"] in tested,
            **row | waited_for(con, rules.get(row["criterion_id"]), trust),
        )
        for row in rows
    )


def waited_for(con: duckdb.DuckDBPyConnection, rule: Rule | None, trust: TrustSettings) -> dict[str, Any]:
    """How many verdicts a waiting rule has and needs, as the next application of the rules will count them."""
    if rule is None or rule.state != "waiting" or rule.allowed is None:
        return {}
    allowed = rule.allowed
    looks = rule.looks(allowed.identity)
    made_of = {"checklist_id": rule.checklist_id, "criterion_id": rule.criterion_id, "rung": LEARNED_RUNG}
    verdicts = fetch(con, "trust_verdicts", **made_of, **asdict(allowed.identity), since=rule.broken_at)
    needed = next_look(allowed.first_look or trust.first_test, looks[-1].verdict_count if looks else None)
    return {"verdict_count": len(verdicts), "next_look": needed}
