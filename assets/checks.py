"""Soft promises, checked after the write: is each table filled as its schema promises?

Hard rules are not here: they are kept before anything is written. What is shown is protected like the
report, because Dagster's pages have no login.
"""

from collections.abc import Iterator

import dagster as dg

from assets.quality import PROFILE
from assets.resources import House
from assets.table import asset_key, withheld
from pipeline.night import sparse_fields
from pipeline.quality.profile import profiled_tables
from schemas.variable import table_name

NAME = "filled_as_promised"
PROMISE = "No field falls below the share its demand promises, over all years."
TABLES = tuple(table_name(table) for table in profiled_tables())


@dg.multi_asset_check(
    name=NAME,
    specs=[
        dg.AssetCheckSpec(NAME, asset=asset_key("core", name), additional_deps=[PROFILE], description=PROMISE)
        for name in TABLES
    ],
)
def filled_as_promised(house: House) -> Iterator[dg.AssetCheckResult]:
    """One check for each table, from one reading of the profile."""
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


CHECKS = (filled_as_promised,)
