"""Who may do what. A permission is what a page or an address asks for; a role is a set of them."""

from typing import Literal, get_args

Role = Literal["supervisor", "head", "manager", "data", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)

Permission = Literal[
    "use_account",     # one's own name, password and sessions: everybody, even with a first password
    "start",           # to be led to the first place that one has: everybody
    "see_calls",       # calls with transcript and suggestions; a manager's own ones only
    "hear",            # their recordings
    "review",          # the queue, verdicts, flags, notes
    "see_managers",    # every manager's figures
    "see_trust",
    "see_checklists",
    "start_rescore",
    "see_nights",
    "retry",           # failed recordings
    "export",
    "manage_people",   # users, roles, tokens
    "see_audit",
    "watch",           # /metrics: figures of the program, nothing of any call
]  # fmt: skip
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)

EVERYBODY: frozenset[Permission] = frozenset({"use_account", "start"})
OF_ROLE: dict[Role, frozenset[Permission]] = {
    "supervisor": EVERYBODY | {"see_calls", "hear", "review", "see_checklists", "see_nights", "export"},
    "head": EVERYBODY
    | {
        *("see_calls", "hear", "review", "see_managers", "see_trust", "see_checklists", "start_rescore"),
        *("see_nights", "retry", "export"),
    },
    "manager": EVERYBODY | {"see_calls", "hear"},
    "data": EVERYBODY | {"export", "watch"},
    "administrator": frozenset(PERMISSIONS),
}
