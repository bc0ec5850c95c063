"""Core: the same tables keyed by internal numbers, without direct identifiers and free text."""

import dagster as dg

from assets.resources import House
from assets.restricted import LEDGER, SPINE
from assets.table import Result, asset_key, house_asset, row_counts, spec
from pipeline.identity.spine import best
from pipeline.night import (
    EXTRACTED,
    make_changes,
    make_core,
    make_identified,
    make_linkable,
    make_succession,
    make_unusable,
)
from schemas.case_system.administration import ChangeLog
from schemas.case_system.person import Person
from schemas.core import in_core
from schemas.variable import Table, table_name

UNUSABLE, LINKABLE = (asset_key("core", name) for name in ("unusable", best.LINKABLE))
# Each of them must be the night's own before anything is published: `pipeline.night.refuse_other_nights`.
WHOLE_CORE = (*(asset_key("core", table_name(table)) for table in EXTRACTED), UNUSABLE, LINKABLE)


def _core(table: type[Table]) -> dg.AssetsDefinition:
    deps = [asset_key("restricted", table_name(table)), SPINE, LEDGER]

    @house_asset(spec("core", in_core(table), deps=deps))
    def core(house: House) -> Result:
        parts = make_core(house.settings, table)
        unlinked = house.figure(f"core/{table_name(table)}/unlinked", sum(p.unlinked.rows for p in parts))
        counts = row_counts(house, f"core/{table_name(table)}", (part.core for part in parts))
        return dg.MaterializeResult(metadata=counts | {"not linked (rounded)": unlinked})

    return core


@house_asset(
    dg.AssetSpec(
        UNUSABLE,
        deps=[asset_key("restricted", table_name(Person)), SPINE, LEDGER],
        group_name="core",
        description="Who may not be used, by person key, and why: reserved, protected, withdrawn. "
        "Beside it, the keys that persons had before.",
    )
)
def unusable(house: House) -> Result:
    """List everybody with a reason not to be used, and everybody's former keys."""
    make_unusable(house.settings, house.night)
    make_succession(house.settings)
    return dg.MaterializeResult()


@house_asset(
    dg.AssetSpec(
        LINKABLE,
        deps=[SPINE, LEDGER, asset_key("restricted", table_name(ChangeLog))],
        group_name="core",
        description="Persons with an identifier a register can be asked about, the kind of everybody's best, "
        "and when each programme was last changed, by person and programme key.",
    )
)
def linkable(house: House) -> Result:
    """List everybody whose silence in a register means something."""
    make_identified(house.settings)
    make_changes(house.settings)
    return dg.MaterializeResult(metadata=row_counts(house, "core/linkable", [make_linkable(house.settings)]))


CORE = (*(_core(table) for table in EXTRACTED), unusable, linkable)
