"""Quality: how often each field is filled, and the page a steward reads."""

import dagster as dg

from assets.core import UNUSABLE, WHOLE_CORE
from assets.findings import FINDINGS
from assets.releases import RELEASE_KEYS
from assets.resources import House
from assets.table import Result, asset_key, house_asset
from pipeline.night import make_profile, make_report
from pipeline.quality.profile import profiled_tables
from schemas import LINKED
from schemas.variable import table_name

PROFILE = asset_key("quality", "profile")
REPORT = asset_key("quality", "report")


@house_asset(
    dg.AssetSpec(
        PROFILE,
        deps=[*(asset_key("core", table_name(table)) for table in profiled_tables()), UNUSABLE],
        group_name="quality",
        description="Fill per field, year, bydel and population, always with its denominator.",
    )
)
def profile(house: House) -> Result:
    """Measure the night's fill rates."""
    make_profile(house.settings, house.night)
    return dg.MaterializeResult()


@house_asset(
    dg.AssetSpec(
        REPORT,
        deps=[
            *WHOLE_CORE,
            *(asset_key("linked", table_name(table)) for table in LINKED),
            PROFILE,
            FINDINGS,
            *RELEASE_KEYS,
        ],
        group_name="quality",
        kinds={"html"},
        description="The steward's page: sparse fields first. It passes disclosure control itself.",
    )
)
def report(house: House) -> Result:
    """Write the night's page in Norwegian and English."""
    paths = make_report(house.settings, house.night)
    return dg.MaterializeResult(metadata={path.name: dg.MetadataValue.path(path) for path in paths})
