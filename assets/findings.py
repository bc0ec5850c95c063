"""What the checks found: published results and history, made before releases, which carry them; worklists."""

import dagster as dg

from assets.core import UNUSABLE, WHOLE_CORE
from assets.resources import House
from assets.table import Result, asset_key, house_asset, withheld
from pipeline.night import changes, make_findings, make_worklists
from pipeline.pages.alert import alert
from schemas import LINKED
from schemas.variable import table_name

FINDINGS = asset_key("linked", "findings")
WORKLISTS = asset_key("quality", "worklists")
_DEPS = [*WHOLE_CORE, UNUSABLE, *(asset_key("linked", table_name(table)) for table in LINKED)]
LANGUAGE = "en"  # of Dagster's own pages


@dg.success_hook(required_resource_keys={"house"})
def tell_changes(context: dg.HookContext) -> None:
    """A line in the run's log for each finding that is new or gone; none where nothing changed."""
    house: House = context.resources.house
    found = withheld("telling what changed", changes)(house.settings, house.night)
    for line in alert(found.findings, found.schema, LANGUAGE) if found is not None else []:
        context.log.warning(line)


@house_asset(
    dg.AssetSpec(
        FINDINGS,
        deps=_DEPS,
        group_name="linked",
        kinds={"parquet"},
        description="Every check of the night, decided by the stewards and protected; what changed since.",
    ),
    hooks={tell_changes},
)
def findings(house: House) -> Result:
    """Publish the night's results and note them in the history."""
    made = make_findings(house.settings, house.night)
    shown = made.results.filter(made.results["marker"] == "shown")
    statuses = dict(shown["status"].value_counts().sort("status").rows())
    return dg.MaterializeResult(metadata={f"checks {status}": count for status, count in statuses.items()})


@house_asset(
    dg.AssetSpec(
        WORKLISTS,
        deps=[*_DEPS, FINDINGS],
        group_name="quality",
        kinds={"csv"},
        description="For each bydel, and only for it: which of its cases to correct. In `restricted`.",
    )
)
def worklists(house: House) -> Result:
    """Write the night's worklists; nothing of them is told here."""
    paths = make_worklists(house.settings, house.night)
    folder = str(paths[0].parent) if paths else "none: newer nights stand"
    return dg.MaterializeResult(metadata={"folder": folder})
