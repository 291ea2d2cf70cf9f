"""Auto-confirmation: a rule that a person switched on confirms the suggestions that are sure enough.

- `thresholds`: from which confidence the error is at most the promised one, and how often one may look
- `audits`: which calls a person checks whatever the rule says, and when their verdicts break the promise
- `rules`: what a rule has been through, and what it may confirm
"""
