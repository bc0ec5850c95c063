"""Everything Dagster knows of this house; production and tests build it here."""

from typing import Any

import dagster as dg

from assets.checks import CHECKS
from assets.core import CORE
from assets.findings import findings, worklists
from assets.jobs import nightly, nightly_schedule
from assets.landing import SOURCES, landing
from assets.linked import linked
from assets.quality import profile, report
from assets.releases import RELEASES
from assets.resources import House
from assets.restricted import RESTRICTED


def build_definitions(**resources: Any) -> dg.Definitions:
    """The definitions; `resources` replaces a resource by name."""
    return dg.Definitions(
        assets=[
            *SOURCES,
            landing,
            *RESTRICTED,
            *CORE,
            linked,
            findings,
            profile,
            *RELEASES,
            report,
            worklists,
        ],
        asset_checks=CHECKS,
        jobs=[nightly],
        schedules=[nightly_schedule],
        resources={"house": House(), **resources},
        # The default starts a process for each step and costs seconds apiece on two cores.
        executor=dg.in_process_executor,
    )


defs = build_definitions()
