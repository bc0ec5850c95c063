"""Whether a version of a request may be published at all, judged alike in the preview and by the release."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipeline.releases.manifest import REQUEST
from pipeline.releases.publish import in_force
from pipeline.requests.preview import QualityFacts, refuse_unfit
from pipeline.requests.request import Request, read, refuse_expired


def refuse_version(request: Request, told: QualityFacts | None, releases: Path, as_of: date) -> None:
    """Raise RequestRefused where the grant has run out, or a variable is new in it that is marked as unfit.

    `told` are the facts of the night of `as_of`, None where it has none; `releases` is the folder of all
    requests' versions. A mark does not stop a series: what the version in force has, the next may have.
    """
    refuse_expired(request, as_of)
    if told is not None:
        refuse_unfit(request, told, _standing(releases / request.id))


def _standing(folder: Path) -> list[str]:
    """The variables of the version in force; none where there is no version."""
    now = in_force(folder)
    # As it was written: what it asked for may not be offered any more.
    outputs = read(now.folder / REQUEST)["outputs"] if now is not None else []
    return [f"{name}.{v}" for output in outputs for name in output["tables"] for v in output["tables"][name]]
