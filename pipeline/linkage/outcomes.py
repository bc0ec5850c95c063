"""Outcome windows as declarations: what is measured, when, by which register, and what counts.

What does not belong here: how it is computed (`outcome.sql`) and anything about a person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from schemas import codes

NOVEMBER = 11


class Reference(StrEnum):
    """What a window's offset counts from."""

    EXIT = "exit"  # the day the programme ended
    NOVEMBER = "november"  # the last day of November of the exit year


@dataclass(frozen=True, kw_only=True)
class OutcomeWindow:
    """One outcome: `years_after` the `reference`, read from `register`.

    `priority` lists the statuses a person may have, the one that wins first; the last is the status of
    whom the register does not know. `numerator` are those that count as reaching the aim. `nb` and `en`
    define the outcome in a sentence for whoever reads a figure of it.
    """

    id: str
    register: str
    reference: Reference
    years_after: int
    priority: tuple[str, ...]
    numerator: tuple[str, ...]
    nb: str
    en: str
    source: str

    def __post_init__(self) -> None:
        if self.id not in codes.OUTCOME.values():
            raise TypeError(f"{self.id} is not in the list of outcomes")
        if not set(self.numerator) <= set(self.priority) <= set(codes.OUTCOME_STATUS.values()):
            raise TypeError(f"{self.id}: a status is in the list, and one that counts can be had")


_ONLY_WORK_NB = "Teller bare arbeid: utdanningsregisteret er ikke koblet ennå. "
_ONLY_WORK_EN = "Counts work only: the education register is not linked yet. "
_RESIDENT_NB = "Nevneren er bosatte med brukbar ident; døde, utvandrede og ikke forfalte er talt for seg."
_RESIDENT_EN = "The denominator is residents with a usable identifier; dead, emigrated, not due are apart."


def _in_november(outcome: str, years_after: int, nb: str, en: str) -> OutcomeWindow:
    return OutcomeWindow(
        id=outcome,
        register="employment",
        reference=Reference.NOVEMBER,
        years_after=years_after,
        priority=("work", "not_in_work"),
        numerator=("work",),
        nb=f"I arbeid (timer og lønn) i november {nb}. {_ONLY_WORK_NB}{_RESIDENT_NB}",
        en=f"In work (hours and pay) in November {en}. {_ONLY_WORK_EN}{_RESIDENT_EN}",
        source="Statistics Norway's reading in November (facts §0.3 b, §5.3), on work alone",
    )


WINDOWS: tuple[OutcomeWindow, ...] = (
    OutcomeWindow(
        id="y0",
        register="nir_participant",
        reference=Reference.EXIT,
        years_after=0,
        priority=("work", "education", "other", "not_registered"),
        numerator=("work", "education"),
        nb=(
            "Hovedaktivitet ved avslutning er arbeid eller utdanning, som kommunen melder den til NIR, "
            "ellers som fagsystemet har den. Grunnskole er ikke utdanning her. Alle som er avsluttet er i "
            "nevneren, også uten registrert årsak."
        ),
        en=(
            "Main activity at exit is work or education, as the municipality reports it to NIR, else as "
            "the case system has it. Compulsory school is not education here. Everybody who has ended is "
            "in the denominator, also without a registered reason."
        ),
        source="NIR (facts §0.3 a, §0.5, §3.1)",
    ),
    _in_november("y1", 1, "året etter avslutning", "of the year after the exit"),
    _in_november("y5", 5, "fem år etter avslutningsåret", "five years after the year of exit"),
)

# Main activity at exit by Socio's six results: what is neither work nor education is «other».
_STATUS_OF_RESULT = {"A": "work", "U": "education", "N": "not_registered"}


def window_frame(windows: Iterable[OutcomeWindow] = WINDOWS) -> pl.DataFrame:
    """The windows as `outcome.sql` reads them."""
    return pl.DataFrame(
        [
            (w.id, w.reference is Reference.EXIT, w.years_after, w.priority[0], w.priority[-1])
            for w in windows
        ],
        schema={
            "outcome": pl.String,
            "at_exit": pl.Boolean,
            "years_after": pl.Int64,
            "in_work": pl.String,
            "otherwise": pl.String,
        },
        orient="row",
    )


def numerator_frame(windows: Iterable[OutcomeWindow] = WINDOWS) -> pl.DataFrame:
    """Which status counts in which window."""
    return pl.DataFrame(
        [(w.id, status) for w in windows for status in w.numerator],
        schema={"outcome": pl.String, "status": pl.String},
        orient="row",
    )


def exit_status_frame() -> pl.DataFrame:
    """Reason of exit -> status at exit, through the code list's parents."""
    parents = codes.NIR_EXIT.parents()
    return pl.DataFrame(
        [(code, _STATUS_OF_RESULT.get(result, "other")) for code, result in parents.items()],
        schema={"nir_exit": pl.String, "status": pl.String},
        orient="row",
    )


def loaded_years(
    *, annual: Collection[str], monthly: Collection[str], population: Collection[str]
) -> pl.DataFrame:
    """The years whose November can be answered, from the names of the parts that are loaded.

    An annual part (`2012`) covers its twelve months, a monthly one (`2015-01`) its own. Who was resident
    must be known too: from that year's population file, or a later one, which dates earlier changes.
    """
    suffix = f"-{NOVEMBER:02}"
    years = {int(p) for p in annual} | {int(p.removesuffix(suffix)) for p in monthly if p.endswith(suffix)}
    known_to = max((int(p) for p in population), default=0)
    return pl.DataFrame({"year": sorted(y for y in years if y <= known_to)}, schema={"year": pl.Int64})
