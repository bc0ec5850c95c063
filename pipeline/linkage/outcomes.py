"""The outcomes as declarations, and the frames that hand them to SQL, which knows no window of its own.

What does not belong here: what a declaration is (`measures.py`), how it is computed (the `.sql` files),
and anything about a person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import chain, combinations

import polars as pl

from pipeline.linkage.measures import (
    FLAG_OF_BENEFIT_GROUP,
    FLAG_OF_STAGE,
    MONTHS_OF_YEAR,
    NOT_RESIDENT,
    OTHER_RESULT,
    STATUS_OF_RESULT,
    Among,
    Figure,
    Flag,
    Measure,
    OutcomeWindow,
    Reading,
    Reference,
    Register,
    Rule,
    by_priority,
)
from schemas import codes
from schemas.codes.registers import DEAD, EMIGRATED

__all__ = [
    "PANEL",
    "WINDOWS",
    "Among",
    "Figure",
    "Flag",
    "Measure",
    "OutcomeWindow",
    "Reading",
    "Reference",
    "Register",
    "Rule",
]

NOVEMBER = 11
# Whether enrolment in compulsory school counts as education in November: Statistics Norway says no (F42).
COMPULSORY_SCHOOL_IS_EDUCATION = False

_REACHED = ("work_education", "work", "education")
_ORDINARY = by_priority(compulsory_school=COMPULSORY_SCHOOL_IS_EDUCATION)


def priority_text(*, compulsory_school: bool) -> tuple[str, str]:
    """How a month is read by `by_priority`, with the same switch: in Norwegian and in English."""
    nb, en = (
        ("ordinær utdanning og grunnskole", "ordinary education and compulsory school")
        if compulsory_school
        else ("ordinær utdanning uten grunnskole", "ordinary education without compulsory school")
    )
    return (
        f"Arbeid krever timer og lønn, utdanning er {nb}. Arbeid går foran utdanning, utdanning foran "
        "registrert ledig eller på tiltak, så annet; ukjent er den ingen av registrene vet noe om. ",
        f"Work takes hours and pay, education is {en}. Work goes before education, education before "
        "registered unemployed or on a measure, then other; unknown is whoever no register knows anything "
        "of. ",
    )


_PRIORITY_NB, _PRIORITY_EN = priority_text(compulsory_school=COMPULSORY_SCHOOL_IS_EDUCATION)
_RESIDENT_NB = "Nevneren er bosatte med brukbar ident; døde, utvandrede og ikke forfalte er talt for seg."
_RESIDENT_EN = "The denominator is residents with a usable identifier; dead, emigrated, not due are apart."
_ALL_NB = (
    "Nevneren er alle med brukbar ident, også døde og utvandrede, som ikke er i telleren; ikke forfalte er "
    "talt for seg."
)
_ALL_EN = (
    "The denominator is everybody with a usable identifier, also the dead and the emigrated, who are not in "
    "the numerator; not due are apart."
)


def _in_november(outcome: str, years: int, nb: str, en: str, among: Among = Among.RESIDENTS) -> OutcomeWindow:
    counted_nb, counted_en = (_ALL_NB, _ALL_EN) if among is Among.ALL else (_RESIDENT_NB, _RESIDENT_EN)
    return OutcomeWindow(
        id=outcome,
        rules=_ORDINARY,
        among=among,
        reference=Reference.NOVEMBER,
        months_after=years * len(MONTHS_OF_YEAR),
        numerator=_REACHED,
        figure=Figure.NATIONAL,
        nb=f"I arbeid eller utdanning i november {nb}. {_PRIORITY_NB}{counted_nb}",
        en=f"In work or education in November {en}. {_PRIORITY_EN}{counted_en}",
        source="Statistics Norway's status in November (facts §0.3 b, §3.2 F3, F42, F51; §5.3)",
    )


def _of_baerum(months: int, nb: str, en: str, *, self_financed: bool) -> OutcomeWindow:
    """The municipality's target at 0, 12 and 60 months; what «education» is there is said in two ways."""
    own_nb = (
        "Utdanning teller bare i en måned uten økonomisk sosialhjelp (slik leser vi «selvfinansiert»). "
        if self_financed
        else "Utdanning teller også når den er betalt med sosialhjelp. "
    )
    own_en = (
        "Education counts only in a month without social assistance (as we read «self-financed»). "
        if self_financed
        else "Education counts also where social assistance pays for it. "
    )
    return OutcomeWindow(
        id=f"baerum_{months}{'_own' if self_financed else ''}",
        rules=by_priority(self_financed=self_financed),
        reference=Reference.EXIT,
        months_after=months,
        numerator=_REACHED,
        figure=Figure.LOCAL,
        nb=f"I arbeid eller utdanning {nb}. {own_nb}Grunnskole teller ikke. {_RESIDENT_NB}",
        en=f"In work or education {en}. {own_en}Compulsory school does not count. {_RESIDENT_EN}",
        source="Bærum's targets of 60, 70 and 90 per cent (facts §0.3 c, §1.2 S1); read by month (P)",
    )


_MONTHS_OF_BAERUM = (
    (0, "i måneden programmet ble avsluttet", "in the month the programme was left"),
    (12, "tolv måneder etter den måneden", "twelve months after that month"),
    (60, "seksti måneder etter den måneden", "sixty months after that month"),
)

WINDOWS: tuple[OutcomeWindow, ...] = (
    OutcomeWindow(
        id="y0",
        rules=(),
        reading=Reading.REASON,
        reference=Reference.EXIT,
        months_after=0,
        among=Among.ALL,
        numerator=("work", "education"),
        figure=Figure.NATIONAL,
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
    _in_november(
        "y5_all", 5, "fem år etter avslutningsåret", "five years after the year of exit", among=Among.ALL
    ),
    *(_of_baerum(*months, self_financed=False) for months in _MONTHS_OF_BAERUM),
    *(_of_baerum(*months, self_financed=True) for months in _MONTHS_OF_BAERUM),
)

# Every month since the exit, by the priority of November.
PANEL = Measure(id="panel", rules=_ORDINARY)
MEASURES: tuple[Measure, ...] = (*WINDOWS, PANEL)


def window_frame(windows: Iterable[OutcomeWindow] = WINDOWS) -> pl.DataFrame:
    """The windows: when each is due, and whether the dead and the emigrated are counted."""
    return pl.DataFrame(
        [
            (
                w.id,
                w.reading is Reading.REASON,
                NOVEMBER if w.reference is Reference.NOVEMBER else None,
                w.months_after,
                w.among is Among.ALL,
            )
            for w in windows
        ],
        schema={
            "outcome": pl.String,
            "by_reason": pl.Boolean,
            "month_number": pl.Int64,
            "months_after": pl.Int64,
            "counts_all": pl.Boolean,
        },
        orient="row",
    )


def status_frame(measures: Iterable[Measure] = MEASURES) -> pl.DataFrame:
    """The status of every set of flags in every measure that reads a month: the rules, worked out."""
    sets = list(chain.from_iterable(combinations(Flag, size) for size in range(len(Flag) + 1)))
    rows = [
        (measure.id, *(flag in flags for flag in Flag), measure.status_of(flags))
        for measure in measures
        if measure.rules
        for flags in sets
    ]
    schema = {"outcome": pl.String, **{flag.value: pl.Boolean for flag in Flag}, "status": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def numerator_frame(windows: Iterable[OutcomeWindow] = WINDOWS) -> pl.DataFrame:
    """Which status counts in which window."""
    return pl.DataFrame(
        [(w.id, status) for w in windows for status in w.numerator],
        schema={"outcome": pl.String, "status": pl.String},
        orient="row",
    )


def exit_status_frame() -> pl.DataFrame:
    """Reason of exit -> status at exit, through the code list's parents."""
    return _coded("nir_exit", codes.NIR_EXIT.parents(), STATUS_OF_RESULT, "status", otherwise=OTHER_RESULT)


def education_flag_frame() -> pl.DataFrame:
    """Level of an education -> what enrolment in it says of a month; a level not stated says nothing."""
    return _coded("level", codes.EDUCATION_LEVEL.parents(), FLAG_OF_STAGE, "flag").drop_nulls()


def benefit_flag_frame() -> pl.DataFrame:
    """Benefit -> what receiving it says of a month."""
    return _coded("benefit", codes.BENEFIT.parents(), FLAG_OF_BENEFIT_GROUP, "flag")


def _coded(
    name: str, parents: Mapping[str, str], meaning: Mapping[str, str], of: str, otherwise: str | None = None
) -> pl.DataFrame:
    rows = [(code, str(meaning[up]) if up in meaning else otherwise) for code, up in parents.items()]
    return pl.DataFrame(rows, schema={name: pl.String, of: pl.String}, orient="row")


def residence_frame() -> pl.DataFrame:
    """What a residence status is called where an outcome is counted, and which of two of one day wins."""
    called = dict(zip((DEAD, EMIGRATED), NOT_RESIDENT, strict=True))
    rows = [(code, called.get(code), place) for place, code in enumerate(codes.RESIDENCE.values())]
    schema = {"residence": pl.String, "not_resident": pl.String, "precedence": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def answerable_frame(
    delivered: Mapping[Register, Collection[str]], measures: Iterable[Measure] = MEASURES
) -> pl.DataFrame:
    """The months each measure can be read for: those every register it asks is delivered for.

    `delivered` names the parts of each register. An annual part (`2012`) covers its twelve months, a
    monthly one (`2015-01`) its own. Who was resident must be known too: from that year's population file
    or a later one, which dates earlier changes.
    """
    covered = {register: _months(parts) for register, parts in delivered.items()}
    known_to = max((month.year for month in covered.get(Register.POPULATION, ())), default=0)
    rows = []
    for measure in measures:
        asked = [covered.get(r, set()) for r in measure.registers if r is not Register.POPULATION]
        months = set.intersection(*asked) if asked else set()
        rows += [(measure.id, month) for month in sorted(months) if month.year <= known_to]
    return pl.DataFrame(rows, schema={"outcome": pl.String, "month": pl.Date}, orient="row")


def last_day_of(parts: Collection[str]) -> date | None:
    """The last day a yearly register has been delivered for; None where nothing has."""
    return max((date(int(part), 12, 31) for part in parts), default=None)


def _months(parts: Collection[str]) -> set[date]:
    found = set()
    for part in parts:
        year, _, month = part.partition("-")
        found |= {date(int(year), m, 1) for m in ([int(month)] if month else MONTHS_OF_YEAR)}
    return found
