"""Landing: what the case system and the registers hold tonight, kept exactly as received."""

from collections.abc import Iterator

import dagster as dg

from assets.resources import House
from assets.table import Result, asset_key, spec, withheld
from pipeline.night import EXTRACTED, land, snapshots_of
from pipeline.settled import is_settled
from schemas import CASE_SYSTEM
from schemas.variable import table_name

CASE_SYSTEM_SOURCE = dg.AssetSpec(
    ["source", "case_system"], group_name="source", description="The case system's database."
)
DELIVERIES_SOURCE = dg.AssetSpec(
    ["source", "deliveries"], group_name="source", description="The folder of register deliveries."
)
SOURCES = (CASE_SYSTEM_SOURCE, DELIVERIES_SOURCE)


@dg.multi_asset(
    name="land",
    specs=[
        spec(
            "landing",
            table,
            deps=[(CASE_SYSTEM_SOURCE if table in CASE_SYSTEM else DELIVERIES_SOURCE).key],
            skippable=True,
        )
        for table in EXTRACTED
    ],
)
def landing(house: House) -> Iterator[Result]:
    """Land every table over one connection in one transaction, then note what was seen tonight.

    Where asked, a night that already stands as it was left yields nothing, and Dagster skips the rest.
    """
    seen = withheld("land", land)(house.settings, house.night, from_observation=house.from_observation)
    if house.skip_settled and withheld("land", is_settled)(house.settings, seen):
        return
    for table in EXTRACTED:
        rows = sum(snapshot.rows for snapshot in snapshots_of(seen, table))
        yield dg.MaterializeResult(
            asset_key=asset_key("landing", table_name(table)),
            metadata={"rows (rounded)": house.figure(f"landing/{table_name(table)}", rows)},
        )
