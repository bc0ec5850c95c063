"""Pass or quarantine, by rule and count: rows in = rows passed + rows quarantined, always.

`rows` judges a frame by its table's declaration, `keys` a stored table by its primary and foreign keys,
`stored` drives both over a snapshot. What stays out: repairs. A row is passed as it came, or refused.
"""

from pipeline.validate.rows import Rule, RuleCount, Validated, rules_of, validate
from pipeline.validate.stored import ValidatedTable, stored_counts, validate_snapshot

__all__ = [
    "Rule",
    "RuleCount",
    "Validated",
    "ValidatedTable",
    "rules_of",
    "stored_counts",
    "validate",
    "validate_snapshot",
]
