"""Releases: one asset for each approved request; it publishes only what is new and verified."""

import dagster as dg

from assets.core import WHOLE_CORE
from assets.findings import FINDINGS
from assets.resources import House
from assets.table import Result, asset_key, house_asset
from pipeline.config import Settings, environment
from pipeline.night import make_release
from pipeline.releases.renewal import WAITS
from pipeline.releases.sources import NEEDED_LINKED
from pipeline.requests.request import Request, load_all

REQUESTS = tuple(load_all(Settings.from_environment(environment()).requests))
RELEASE_KEYS = tuple(asset_key("releases", request.id) for request in REQUESTS)
_DEPS = [*WHOLE_CORE, *(asset_key("linked", name) for name in NEEDED_LINKED), FINDINGS]


def _release(request: Request) -> dg.AssetsDefinition:
    about = dg.AssetSpec(
        asset_key("releases", request.id),
        deps=_DEPS,
        group_name="releases",
        kinds={"parquet"},
        description=f"{request.title.en}\n\n{request.title.nb}",
    )

    @house_asset(about)
    def release(house: House) -> Result:
        made = make_release(house.settings, request.id, house.night)
        done = made.published
        unchanged = WAITS if made.waits else "unchanged: nothing was published"
        return dg.MaterializeResult(
            metadata={
                "version": done.version,
                "published": "new version" if done.new else unchanged,
                "folder": dg.MetadataValue.path(done.folder),
            }
        )

    return release


RELEASES = tuple(_release(request) for request in REQUESTS)
