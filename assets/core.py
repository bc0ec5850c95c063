"""Core: the same tables keyed by internal numbers, without direct identifiers and free text."""

import dagster as dg

from assets.resources import House
from assets.restricted import LEDGER, SPINE
from assets.table import Result, asset_key, house_asset, row_counts, shown, spec
from pipeline.night import EXTRACTED, make_core
from schemas.core import in_core
from schemas.variable import Table, table_name


def _core(table: type[Table]) -> dg.AssetsDefinition:
    deps = [asset_key("restricted", table_name(table)), SPINE, LEDGER]

    @house_asset(spec("core", in_core(table), deps=deps))
    def core(house: House) -> Result:
        parts = make_core(house.settings, table)
        unlinked = shown(sum(part.unlinked.rows for part in parts))
        counts = row_counts(part.core for part in parts)
        return dg.MaterializeResult(metadata=counts | {"not linked (rounded)": unlinked})

    return core


CORE = tuple(_core(table) for table in EXTRACTED)
