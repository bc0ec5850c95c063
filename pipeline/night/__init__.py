"""One night, step by step: which stored tables each step reads, and what it leaves.

Every function here takes the settings and the night's as_of, finds its inputs where the step before left
them, and calls the room that does the work. What stays out: the order (that is `assets`) and the work.
"""

from pipeline.night.assessment import make_assessment
from pipeline.night.core import (
    make_changes,
    make_core,
    make_identified,
    make_linkable,
    make_succession,
    make_unusable,
    unmatched_withdrawals,
)
from pipeline.night.counted import rule_counts
from pipeline.night.findings import make_findings
from pipeline.night.made import (
    make_linked,
    make_profile,
    make_release,
    refuse_other_nights,
    sparse_fields,
    sparse_in_night,
)
from pipeline.night.published import PROFILE, changes, stored_findings
from pipeline.night.report import make_report
from pipeline.night.restricted import (
    check_key,
    identity_warnings,
    land,
    make_ledger,
    make_spine,
    validate_table,
)
from pipeline.night.standing import EXTRACTED, cores, only, seen, snapshots_of
from pipeline.night.worklists import make_worklists

__all__ = [
    "EXTRACTED",
    "PROFILE",
    "changes",
    "check_key",
    "cores",
    "identity_warnings",
    "land",
    "make_assessment",
    "make_changes",
    "make_core",
    "make_findings",
    "make_identified",
    "make_ledger",
    "make_linkable",
    "make_linked",
    "make_profile",
    "make_release",
    "make_report",
    "make_spine",
    "make_succession",
    "make_unusable",
    "make_worklists",
    "only",
    "refuse_other_nights",
    "rule_counts",
    "seen",
    "snapshots_of",
    "sparse_fields",
    "sparse_in_night",
    "stored_findings",
    "unmatched_withdrawals",
    "validate_table",
]
