"""By when each demand wants its values: one declaration, whoever asks about the days.

What does not belong here: which column is demanded by whom (the column's own declaration), and what is done
with a value that comes late (`pipeline`).
"""

from dataclasses import dataclass
from datetime import date

from schemas.variable import Demand, Due


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """By when a demand wants what happened.

    `months`: at the latest so long after it happened; None where nobody says. `cut_off`: the day (month, day)
    of the next year after which the year's own figures are made, and what comes later is in none of them;
    None where the demand knows no such day. `evidence` is a tag of the domain paper, `nb` and `en` the rule
    in words.
    """

    months: int | None = None
    cut_off: tuple[int, int] | None = None
    evidence: str
    nb: str
    en: str

    def closes(self, year: int) -> date | None:
        """The last day on which what happened in `year` still comes into the year's figures."""
        return date(year + 1, *self.cut_off) if self.cut_off else None


# NIR makes a year's figures on this day (month, day) of the next year. Those of 2017 closed on 15 January and
# were opened again until 16 March, for faults in NIR itself; 28 February is the day of the years after.
NIR_CUT_OFF = (2, 28)

_NO_DAY_NB = "Ingen kilde vi har funnet sier innen når: feltet er forfalt med raden det står i."
_NO_DAY_EN = "No source that we found says by when: the field is due with the row it stands in."

DEADLINES: dict[Demand, Deadline] = {
    Demand.NIR: Deadline(
        months=2,
        cut_off=NIR_CUT_OFF,
        evidence="F6, F6b, F38",
        nb="Meldes fortløpende, senest to måneder etter; et års tall lages av det som er registrert "
        "28. februar året etter.",
        en="Reported continuously, at the latest two months after; a year's figures are made of what is "
        "registered on 28 February of the next year.",
    ),
    # The grant is paid whole in the first year and quarterly in the next four (F33): when a claim has to be
    # made by, and when the fields it needs, was not found.
    Demand.GRANT: Deadline(evidence="not found", nb=_NO_DAY_NB, en=_NO_DAY_EN),
    # Both acts say when a programme has to start (within three months, F57), and chapter 6A how long it may
    # last (§ 34, F33b, F40); neither says when the case system has to be told.
    Demand.LAW: Deadline(evidence="not found", nb=_NO_DAY_NB, en=_NO_DAY_EN),
    Demand.NOBODY: Deadline(
        evidence="P",
        nb="Ingen krever feltet, og det har ingen frist.",
        en="Nobody demands the field, and it has no time limit.",
    ),
}


def deadline(demand: Demand) -> Deadline:
    """By when that demand wants its values."""
    return DEADLINES[demand]


def due(demand: Demand, *, after: str, unknown_is_due: bool = False) -> Due:
    """A value that the demand wants as soon after the day in `after` as it says: for a table's declaration.

    Raises TypeError for a demand that says no time.
    """
    months = DEADLINES[demand].months
    if months is None:
        raise TypeError(f"{demand.value} says no time by when a value is due")
    return Due(after=after, months=months, unknown_is_due=unknown_is_due)
