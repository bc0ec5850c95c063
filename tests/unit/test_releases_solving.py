"""An attack on what a release tells of itself: solve what is hidden from what is told.

Not one figure at a time: everything that is read beside the data is taken together. What is told must be the
same, to the last byte, for as many true counts as suppressing promises.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import polars as pl
import pytest

from pipeline.disclosure.anonymise import recoded
from pipeline.disclosure.certificate import certificates
from pipeline.disclosure.coarsen import hierarchies, roles_of
from pipeline.disclosure.evidence import Homes, gather
from pipeline.disclosure.policy import held_to, packaged
from pipeline.disclosure.population import coded_alike
from pipeline.disclosure.tables import THRESHOLD, Marker
from pipeline.disclosure.usual import Usual
from pipeline.identity.usable import POLICY, OutputKind
from pipeline.releases import households
from pipeline.releases.build import Built, Chosen
from pipeline.releases.coarsened import Levels, Recoded
from pipeline.releases.codebook import codebook
from pipeline.releases.data_files import parquet, path_of
from pipeline.releases.manifest import Input, as_bytes, left_out_by_reason, manifest
from pipeline.requests.request import Request
from schemas.research import CoarsenedOutcome
from schemas.variable import column
from tests.release_world import AS_OF, NOBODY, coarsened_request

COLUMNS = tuple(column(CoarsenedOutcome, name) for name in ("sex", "country_of_birth", "chronic_illness"))
NAMES = [c.name for c in COLUMNS]
ILL = ["J", "N", "N", "N", None]
SEEN = ("codebook.en.md", "codebook.nb.md", "certificate.en.md", "certificate.nb.md", "manifest.json")


def rows(kept: int, gone: int) -> pl.DataFrame:
    """So many rows in three classes, and a class of its own of `gone`, with values that others have."""
    classes = [("1", "346"), ("1", "241"), ("2", "346")]
    inside = [(*classes[at % 3], ILL[at // 3 % 5]) for at in range(kept)]
    return pl.DataFrame([*inside, *[("2", "241", "J")] * gone], schema=NAMES, orient="row")


def built(kept: int, gone: int, usual: Usual | None = None) -> Built:
    """The coarsened file of those rows: the kept ones as they are, whatever was left out.

    With what was `usual` in the version before its levels were stored then, too.
    """
    before = rows(kept, gone)
    roles = held_to(roles_of(COLUMNS, {}, mode="level"), packaged(), rows=before.height)
    # Two by two they live together, so that classes have fewer households than rows.
    homes = (pl.int_range(before.height, eager=True) // 2).alias("household")
    roles = roles.model_copy(update={"household": "household", "suppression": 0.05}).with_usual(usual or {})
    stored = None if usual is None else {"sex": 0, "country_of_birth": 0}
    frame = before.with_columns(homes)
    made = recoded(frame, roles, hierarchies(COLUMNS, before), storing=True, stored=stored)
    assert made.rows.height == kept and made.levels == {"sex": 0, "country_of_birth": 0}
    levels = Levels.NEW if usual is None else Levels.KEPT
    done = Recoded(before, homes, roles.with_usual(made.usual or {}), made, levels)
    return Built("coarsened_outcome", CoarsenedOutcome, COLUMNS, OutputKind.COARSENED, made.rows, done)


def told(kept: int, gone: int, usual: Usual | None = None) -> dict[str, bytes]:
    """Everything people and programs read beside the data file, whose bytes are the same."""
    request, made = coarsened_request(tables={"coarsened_outcome": NAMES}), built(kept, gone, usual)
    assert made.recoded is not None and made.recoded.made.homes is not None
    above = hierarchies(COLUMNS, made.recoded.before)
    # Who knows everybody knows those who were left out too, and not whether they may be used at all.
    everybody = pl.concat([rows(kept, THRESHOLD - 1), rows(300, 0)])
    evidence = gather(
        made.name,
        made.frame,
        made.recoded.roles,
        packaged(),
        before=made.recoded.before,
        hierarchies=above,
        population=coded_alike(everybody, made.recoded.made, made.recoded.roles, above),
        homes=Homes(made.recoded.made.homes, households.TOLD),
    )
    return certificates([evidence], request.title) | described(request, made, {path_of(made): evidence})


def described(request: Request, made: Built, evidence: dict[str, Any]) -> dict[str, bytes]:
    everybody = [Chosen(pl.DataFrame({"person_key": []}))]
    inputs = [Input("socio", "person", "ab" * 32)]
    about = manifest(
        request,
        *("v" * 12, AS_OF, [made], {path_of(made): "a" * 64}),
        *(everybody, NOBODY, inputs, None, 1),
        evidence=evidence,
    )
    files = [file for output in about["outputs"] for file in output["files"]]
    return codebook(request, crosswalk=False, unfit=[], described=files) | {"manifest.json": as_bytes(about)}


# What was stored: nothing, what is near the rows of tonight, or what is too far from them and counted anew.
STORED: dict[str, Usual | None] = {
    "nothing": None,
    "near": {"chronic_illness": {"J": 20, "N": 80}},
    "far": {"chronic_illness": {"J": 50, "N": 50}},
}


@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("kept", [93, 102, 150, 600])
def test_nothing_that_is_told_tells_none_left_out_from_four(kept: int, stored: str) -> None:
    """Of 102 rows a percent is one row, so a loss or a share in percent would tell which of them it is."""
    usual = STORED[stored]
    first = told(kept, 0, usual)
    assert told_usual(first) == (["chronic_illness"] if stored != "near" else [])
    for gone in range(1, THRESHOLD):
        other = told(kept, gone, usual)
        assert parquet(built(kept, gone, usual)) == parquet(built(kept, 0, usual))
        assert [name for name in first if first[name] != other[name]] == []
    assert set(SEEN) <= set(first)


def told_usual(seen: dict[str, bytes]) -> list[str]:
    """Of which columns the manifest says that what is usual was counted anew; it always says what it is."""
    (output,) = json.loads(seen["manifest.json"])["outputs"]
    assert output["files"][0]["usual"]["chronic_illness"]
    anew: list[str] = output["files"][0]["usual_anew"]
    return anew


def test_what_is_shown_of_those_left_out_is_told_where_they_are_enough() -> None:
    """Else the law above could be met by telling nothing."""
    few, more = told(600, 4), told(600, 20)
    assert few["certificate.en.md"] != more["certificate.en.md"]
    assert "about 20 rows" in more["codebook.en.md"].decode()
    assert "Too few rows are left out" in few["certificate.en.md"].decode()
    assert "Too few rows are left out" not in more["certificate.en.md"].decode()


# --- persons left out, by reason -------------------------------------------------------------------------


def reasons_told(counts: dict[str, int]) -> bytes:
    """What a manifest with an output of each kind says of so many persons with each reason."""
    rows = [reason for reason, count in counts.items() for _ in range(count)]
    unusable = pl.DataFrame(
        {"person_key": range(len(rows)), "reason": rows}, schema={"person_key": pl.Int64, "reason": pl.String}
    )
    kinds = (OutputKind.PSEUDONYMISED, OutputKind.COARSENED)
    return json.dumps([left_out_by_reason(kind, unusable) for kind in kinds]).encode()


BARRING = sorted({p.reason.value for p in POLICY if not p.allowed})


@pytest.mark.parametrize("others", list(itertools.product([0, 3, 5, 7, 40], repeat=2)))
@pytest.mark.parametrize("reason", BARRING)
def test_no_reason_of_few_is_solved_by_what_is_told_of_the_others(
    reason: str, others: tuple[int, ...]
) -> None:
    """Both outputs bar persons for some of the same reasons: both lists are read together."""
    around = dict(zip([each for each in BARRING if each != reason], itertools.cycle(others), strict=False))
    seen = reasons_told(around | {reason: 2})
    assert Marker.SUPPRESSED.value in seen.decode()
    possible = [count for count in range(20) if reasons_told(around | {reason: count}) == seen]
    assert len(possible) >= THRESHOLD and possible[0] == 0
