"""Soft promises, checked after the write: is each table filled as its schema promises?

Hard rules are not here: they are kept before anything is written. What is shown is protected like the
report, because Dagster's pages have no login.
"""

import dagster as dg

from assets.quality import PROFILE
from assets.resources import House
from assets.table import asset_key, withheld
from pipeline.night import sparse_fields
from pipeline.quality.profile import profiled_tables
from schemas.variable import Table, table_name


def _filled_as_promised(table: type[Table]) -> dg.AssetChecksDefinition:
    name = table_name(table)

    def work(house: House) -> dg.AssetCheckResult:
        sparse = withheld(f"checking {name}", sparse_fields)(house.settings, table, house.night)
        return dg.AssetCheckResult(
            passed=not sparse,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"sparse": ", ".join(sparse) or "none", "next step": "open the quality report"},
        )

    return dg.asset_check(
        asset=asset_key("core", name),
        name="filled_as_promised",
        additional_deps=[PROFILE],
        description="No field falls below the share its demand promises, over all years.",
    )(work)


CHECKS = tuple(_filled_as_promised(table) for table in profiled_tables())
