"""Linked: what DuckDB joins - programme spells, exit cohorts, months in work, outcomes."""

from collections.abc import Iterator

import dagster as dg

from assets.core import LINKABLE
from assets.resources import House
from assets.table import Result, asset_key, row_counts, spec, withheld
from pipeline.linkage import READS
from pipeline.night import make_linked
from schemas import LINKED
from schemas.variable import table_name

_DEPS = [*(asset_key("core", name) for name in READS), LINKABLE]


@dg.multi_asset(name="link", specs=[spec("linked", table, deps=_DEPS) for table in LINKED])
def linked(house: House) -> Iterator[Result]:
    """Join the registers to the programmes, and measure every outcome window."""
    made = withheld("link", make_linked)(house.settings, house.night)
    for table in LINKED:
        name = table_name(table)
        yield dg.MaterializeResult(
            asset_key=asset_key("linked", name), metadata=row_counts(house, f"linked/{name}", [made[name]])
        )
