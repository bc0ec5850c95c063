"""The section on linkage quality: who was found where, who could not be, and where two systems disagree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from pipeline.linkage.matching import KNOWN_BY
from pipeline.pages.bands import Band, by_code
from pipeline.pages.protected_bias import LESS, MORE, TOO_FEW, UNCERTAIN
from pipeline.pages.protected_matching import EARLIER, ProtectedMatching
from pipeline.pages.quarantine import HeldBack
from pipeline.pages.views import Cell, View
from schemas import CASE_SYSTEM, codes
from schemas.variable import facts

YEARS_SHOWN = 5  # of differences, each on its own
_VERDICT_WORDS = {
    MORE: "more_often",
    LESS: "less_often",
    UNCERTAIN: "no_certain_difference",
    TOO_FEW: "too_few",
}
_CONFLICT_WORDS = {
    "two_successors": "conflict_two_successors",
    "two_numbers": "conflict_two_numbers",
    "shared": "conflict_shared",
    "link_disagrees": "conflict_link_disagrees",
}
# What differs between two systems, and so needs somebody who knows which of them is right.
_TO_SETTLE = ("only_in_case_system", "only_in_nir", "reason_differs")
_NOT_DELIVERED = "not_delivered"
_HALF = 50  # percent
_CATEGORIES = {"sex": codes.SEX, "age_band": codes.AGE_BAND, "world_region": codes.WORLD_REGION}


def first_year_shown(as_of_year: int) -> int:
    """The first year whose differences stand on their own."""
    return as_of_year - YEARS_SHOWN + 1


def matching_figures(view: View, shown: ProtectedMatching) -> dict[str, Any]:
    """All the section says, in the view's language."""
    return {
        "rates": _rates(view, shown.rates),
        "bias": _bias(view, shown.bias),
        "differences": _differences(view, shown.differences),
        "local": _local(view, shown.local),
        "flags": _named(view, shown.flags, "flag", codes.PROGRAMME_FLAG.labels(view.language)),
        "review": _named(view, shown.review, "kind", _conflicts(view, shown.review["kind"])),
        "conflict_kinds": [
            (name, view.say(f"{_CONFLICT_WORDS[kind]}_is"))
            for kind, name in _conflicts(view, shown.review["kind"]).items()
        ],
    }


def needs_settling(view: View, shown: ProtectedMatching) -> list[HeldBack]:
    """One line each on the conflicts of identifiers and on what the case system and NIR disagree about.

    Of conflicts the largest kind is told, of a difference the year with the highest band, and no year where
    several have it: a sum over kinds or years would be a total of lists that have none. Left out are
    differences in the lowest band, which may be none at all, and years NIR was mostly not delivered for.
    """
    lines = []
    conflicts = shown.review.drop_nulls("shown").sort("shown", "kind", descending=[True, False])
    for row in conflicts.head(1).to_dicts():
        kind = _conflicts(view, [row["kind"]])[row["kind"]]
        counted = view.number(row["shown"])
        lines.append(
            HeldBack(
                what=view.say("settle_review", kind=view.say("quoted", words=kind), count=counted),
                next_step=view.say("next_review", source=facts(CASE_SYSTEM[0]).source),
            )
        )
    labels = codes.RECONCILIATION_KIND.labels(view.language)
    known = shown.differences.drop_nulls("band").filter(pl.col("year") != EARLIER)
    bands = {(r["kind"], r["year"]): by_code()[r["band"]] for r in known.to_dicts()}
    delivered = {year for _, year in bands if not _mostly_missing(bands.get((_NOT_DELIVERED, year)))}
    for kind in _TO_SETTLE:
        years = {year: band for (found, year), band in bands.items() if found == kind and year in delivered}
        highest = max(years.values(), key=lambda band: band.low, default=None)
        if highest is not None and highest.low > 0:
            most = [year for year, band in years.items() if band.low == highest.low]
            key = "settle_differs" if len(most) == 1 else "settle_differs_some_years"
            band = highest.label(view.language)
            what = view.say(key, kind=labels[kind], band=band, year=most[0], years=len(most))
            lines.append(HeldBack(what=what, next_step=view.say(f"settle_{kind}")))
    return lines


def _mostly_missing(not_delivered: Band | None) -> bool:
    """Whether NIR may lack half the year's programmes: what is in one system alone then tells nothing."""
    return not_delivered is not None and not_delivered.high > _HALF


def _rates(view: View, rates: pl.DataFrame) -> dict[str, Any] | None:
    cells = {(r["register"], r["year"]): r for r in rates.to_dicts()}
    # A year that has only begun shows nothing yet: the latest of which something may be told.
    told = pl.col("year").filter(pl.col("n").is_not_null()).max()
    latest: dict[str, int] = dict(
        rates.group_by("register").agg(pl.coalesce(told, pl.col("year").max())).rows()
    )
    registers = [name for name in KNOWN_BY if name in latest]
    if not registers:
        return None
    years = sorted({year for _, year in cells})
    return {
        "latest": [
            (
                view.say("register_in_year", table=view.table(name), year=latest[name]),
                view.number(row["n"]),
                _cell(view, row["linkable"], row["n"], view.say("can_be_linked")),
                _cell(view, row["found"], row["n"], view.say("with_record")),
            )
            for name in registers
            for row in [cells[name, latest[name]]]
        ],
        "years": years,
        "registers": [
            (view.table(name), [_of_year(view, cells.get((name, year))) for year in years])
            for name in registers
        ],
    }


def _of_year(view: View, row: dict[str, Any] | None) -> Cell | None:
    """A register's band in a year; None where the register was not delivered."""
    return None if row is None else _cell(view, row["found"], row["n"], view.say("with_record"))


def _cell(view: View, code: str | None, n: int | None, what: str) -> Cell:
    band = by_code()[code] if code is not None else None
    said = band.label(view.language) if band else view.say("hidden")
    return Cell(band=band, n=n, title=f"{what}: {said}", below=False)


def _bias(view: View, bias: pl.DataFrame) -> list[dict[str, str]]:
    names = codes.CHARACTERISTIC.labels(view.language)
    return [
        {
            "characteristic": names[r["characteristic"]],
            "category": _together(view, r["characteristic"], r["categories"]),
            "linkable": view.number(r["linkable"]),
            "not_linkable": view.number(r["not_linkable"]),
            "verdict": view.say(_VERDICT_WORDS[r["verdict"]]),
            "interval": "" if r["low"] is None else _points(view, r["low"], r["high"]),
        }
        for r in bias.to_dicts()
    ]


def _together(view: View, characteristic: str, categories: list[str]) -> str:
    labels = _CATEGORIES[characteristic].labels(view.language)
    named = ", ".join(labels[category] for category in categories)
    return named if len(categories) == 1 else view.say("together", names=named)


def _points(view: View, low: int, high: int) -> str:
    """From `low` to `high` percentage points, each with its sign."""
    least, most = (f"{bound:+d}".replace("-", "\N{MINUS SIGN}") if bound else "0" for bound in (low, high))
    return view.say("points", low=least, high=most)


def _differences(view: View, differences: pl.DataFrame) -> dict[str, Any] | None:
    if not differences.height:
        return None
    cells = {(r["kind"], r["year"]): r for r in differences.to_dicts()}
    years = sorted({year for _, year in cells})
    first = first_year_shown(view.as_of.year)
    kinds = {kind for kind, _ in cells}
    some = min(kinds)
    labels = codes.RECONCILIATION_KIND.labels(view.language)
    return {
        "years": [view.say("earlier_years", year=first) if y == EARLIER else str(y) for y in years],
        "n": [view.number(cells[some, year]["n"]) for year in years],
        "rows": [
            (label, [_cell(view, cells[kind, y]["band"], cells[kind, y]["n"], label) for y in years])
            for kind, label in labels.items()
            if kind in kinds
        ],
    }


def _local(view: View, local: pl.DataFrame) -> dict[str, Any] | None:
    """A line for each bydel of the latest years, with a cell for each kind of difference."""
    if not local.height:
        return None
    cells = {(r["kind"], r["bydel"]): r for r in local.to_dicts()}
    kinds = {kind for kind, _ in cells}
    some = min(kinds)
    labels = codes.RECONCILIATION_KIND.labels(view.language)
    shown = [kind for kind in labels if kind in kinds]
    names = codes.BYDEL.labels(view.language)
    return {
        "title": view.say("reconciliation_local", year=first_year_shown(view.as_of.year)),
        "kinds": [labels[kind] for kind in shown],
        "rows": [
            (
                name,
                view.number(cells[some, bydel]["n"]),
                [
                    _cell(view, cells[kind, bydel]["band"], cells[kind, bydel]["n"], labels[kind])
                    for kind in shown
                ],
            )
            for bydel, name in names.items()
            if (some, bydel) in cells
        ],
    }


def _named(view: View, listed: pl.DataFrame, key: str, labels: dict[str, str]) -> list[tuple[str, str]]:
    return [(labels[r[key]], view.number(r["shown"])) for r in listed.to_dicts()]


def _conflicts(view: View, kinds: Iterable[str]) -> dict[str, str]:
    return {kind: view.say(_CONFLICT_WORDS[kind]) for kind in kinds}
