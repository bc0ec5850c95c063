"""Soft promises, checked after the write: is each table filled as its schema promises?

Hard rules are not here: they are kept before anything is written. What is shown is protected like the
report, because Dagster's pages have no login.
"""

from collections.abc import Iterator

import dagster as dg

from assets.findings import FINDINGS
from assets.resources import House
from assets.table import asset_key, withheld
from pipeline.night import sparse_fields, stored_findings
from pipeline.quality.judgement import judgement
from pipeline.quality.profile import profiled_tables
from schemas.variable import table_name

NAME = "filled_as_promised"
PROMISE = "No field is now certainly filled less than its demand promises."
TABLES = tuple(table_name(table) for table in profiled_tables())


@dg.multi_asset_check(
    name=NAME,
    specs=[
        dg.AssetCheckSpec(
            NAME, asset=asset_key("core", name), additional_deps=[FINDINGS], description=PROMISE
        )
        for name in TABLES
    ],
)
def filled_as_promised(house: House) -> Iterator[dg.AssetCheckResult]:
    """One check for each table, from one reading of the published results."""
    sparse = withheld("checking what is filled", sparse_fields)(house.settings, house.night)
    for name in TABLES:
        fields = sparse.get(name, [])
        yield dg.AssetCheckResult(
            asset_key=asset_key("core", name),
            check_name=NAME,
            passed=not fields,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"sparse": ", ".join(fields) or "none", "next step": "open the quality report"},
        )


NOTHING_OPEN = "no_open_finding"
DECIDED = "No check of the table's fields has found anything that no steward has decided about."


@dg.multi_asset_check(
    name=NOTHING_OPEN,
    specs=[
        dg.AssetCheckSpec(
            NOTHING_OPEN, asset=asset_key("core", name), additional_deps=[FINDINGS], description=DECIDED
        )
        for name in TABLES
    ],
)
def no_open_finding(house: House) -> Iterator[dg.AssetCheckResult]:
    """One check for each table, from the published results; what needs a decision is an error."""
    found = withheld("checking what was found", stored_findings)(house.settings, house.night)
    for name in TABLES:
        told = judgement(found.results, name)
        yield dg.AssetCheckResult(
            asset_key=asset_key("core", name),
            check_name=NOTHING_OPEN,
            passed=not told.open,
            severity=dg.AssetCheckSeverity.ERROR if told.to_decide else dg.AssetCheckSeverity.WARN,
            metadata={
                **{flag: ", ".join(fields) for flag, fields in told.open.items()},
                "become worse": ", ".join(told.worse) or "none",
                "decided by stewards": told.decided,
                "next step": told.next_step,
            },
        )


CHECKS = (filled_as_promised, no_open_finding)
