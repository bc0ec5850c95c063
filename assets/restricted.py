"""Restricted: rows that passed their table's rules, the spine, and the ledger of internal keys."""

import dagster as dg

from assets.resources import House
from assets.table import Result, asset_key, house_asset, row_counts, spec
from pipeline.night import (
    EXTRACTED,
    check_key,
    identity_warnings,
    make_ledger,
    make_spine,
    validate_table,
)
from pipeline.validate.stored import referred_to
from schemas.variable import Table, table_name

LEDGER, SPINE = (asset_key("restricted", name) for name in ("ledger", "spine"))
PASSED = tuple(asset_key("restricted", table_name(table)) for table in EXTRACTED)


def _passed(table: type[Table]) -> dg.AssetsDefinition:
    name = table_name(table)
    deps = [asset_key("landing", name), *(asset_key("restricted", parent) for parent in referred_to(table))]

    @house_asset(spec("restricted", table, deps=deps))
    def passed(house: House) -> Result:
        parts = validate_table(house.settings, table, house.night)
        quarantined = house.figure(f"restricted/{name}/quarantined", sum(p.quarantined.rows for p in parts))
        counts = row_counts(house, f"restricted/{name}", (part.passed for part in parts))
        return dg.MaterializeResult(metadata=counts | {"quarantined (rounded)": quarantined})

    return passed


@house_asset(
    dg.AssetSpec(
        SPINE,
        deps=PASSED,
        group_name="restricted",
        description="Which identifiers name which person, and what is left for somebody to review. "
        "Made only if the key fits the night's persons.",
    )
)
def spine(house: House) -> Result:
    """Check the key, then tell who is whom."""
    check_key(house.settings)
    made = make_spine(house.settings)
    warned = {
        f"{what} disagrees (rounded)": house.figure(f"restricted/spine/{what}", count)
        for what, count in identity_warnings(house.settings).items()
    }
    return dg.MaterializeResult(metadata=row_counts(house, "restricted/spine", [made.spine]) | warned)


@house_asset(
    dg.AssetSpec(
        LEDGER,
        deps=[*PASSED, SPINE],
        group_name="restricted",
        description="The append-only ledger of internal keys: tonight's is tomorrow's input.",
    )
)
def ledger(house: House) -> Result:
    """Give everybody who is new a key."""
    return dg.MaterializeResult(
        metadata=row_counts(house, "restricted/ledger", [make_ledger(house.settings, house.night)])
    )


RESTRICTED = (*(_passed(table) for table in EXTRACTED), spine, ledger)
