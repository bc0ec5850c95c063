"""What is linked, worked out one person at a time in plain Python: slow, and written without the SQL.

The property tests hold the SQL against it on small invented worlds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

Row = Mapping[str, Any]
ONE_DAY = timedelta(days=1)


def spells(
    programmes: Sequence[Row], cases: Sequence[Row], results: Sequence[Row], nir: Sequence[Row]
) -> list[Row]:
    """ProgrammeSpell, without the columns that are copied."""
    bydel = {case["case_key"]: case["bydel"] for case in cases}
    reason = {result["programme_key"]: result["nir_exit"] for result in results}
    out = []
    for person in sorted({p["person_key"] for p in programmes}):
        own = sorted((p for p in programmes if p["person_key"] == person), key=_when)
        reports = [n for n in nir if n["person_key"] == person]
        began = None
        for number, programme in enumerate(own, start=1):
            if not any(_goes_on_as(earlier, programme) for earlier in own[: number - 1]):
                began = _later(began, programme["started_on"])
            said = None
            if not _is_moved_on(own, number):
                said = _reported(reports, began)
            key = programme["programme_key"]
            out.append(
                {
                    "person_key": person,
                    "programme_key": key,
                    "programme_number": number,
                    "bydel": bydel.get(programme["case_key"]),
                    "started_on": programme["started_on"],
                    "ended_on": programme["ended_on"],
                    "programme_status": programme["programme_status"],
                    "nir_exit": said if said not in (None, "98") else reason.get(key),
                }
            )
    return sorted(out, key=lambda row: row["programme_key"])


def cohort(all_spells: Sequence[Row], as_of: date, leaves: Sequence[Row] = ()) -> list[Row]:
    """ExitCohort: walk back from the last end to the first that is an exit, then wait for care leave."""
    out = []
    for person in sorted({s["person_key"] for s in all_spells}):
        own = sorted(
            (s for s in all_spells if s["person_key"] == person), key=lambda s: s["programme_number"]
        )
        ended = [s for s in own if s["ended_on"] is not None and s["ended_on"] <= as_of]
        ended.sort(
            key=lambda s: (s["ended_on"], s["started_on"] or date.min, s["programme_key"]), reverse=True
        )
        for spell in ended:
            if not _is_moved_on(own, spell["programme_number"]):
                left = _left(spell, own, [x for x in leaves if x["person_key"] == person], as_of)
                if left is not None and left <= as_of:
                    out.append(
                        {
                            "person_key": person,
                            "programme_key": spell["programme_key"],
                            "bydel": spell["bydel"],
                            "started_on": spell["started_on"],
                            "ended_on": spell["ended_on"],
                            "left_on": left,
                            "exit_year": left.year,
                            "nir_exit": spell["nir_exit"] or "98",
                        }
                    )
                break
    return out


def _left(spell: Row, own: Sequence[Row], leaves: Sequence[Row], as_of: date) -> date | None:
    """The day the programme was left; None while she is on care leave from it."""
    end = spell["ended_on"]
    for later in own[spell["programme_number"] :]:
        if later["started_on"] is not None and end <= later["started_on"] <= as_of:
            return end
    left = end
    care = [x for x in leaves if x["leave_cause"] == "OMS"]
    for began in {x["started_on"] for x in care}:
        told = [x for x in care if x["started_on"] == began]
        last = max(x["delivery_year"] for x in told)
        ends = [x["ended_on"] for x in told if x["delivery_year"] == last]
        if spell["started_on"] is not None and began < spell["started_on"]:
            continue
        if (began - end).days > 31:
            continue
        if None in ends:
            return None
        left = max(left, *ends)
    return left


def work_months(annual: Sequence[Row], monthly: Sequence[Row], participants: Collection[int]) -> list[Row]:
    """WorkMonth: the annual register day by day."""
    found = set()
    for row in annual:
        if row["person_key"] in participants and row["hours_per_week"] > 0 and row["pay_kr"] > 0:
            found |= {(row["person_key"], day.replace(day=1)) for day in days_in_year(row)}
    for row in monthly:
        if row["person_key"] in participants and row["hours_per_week"] > 0 and row["pay_month_kr"] > 0:
            found.add((row["person_key"], row["month"].replace(day=1)))
    return [
        {"person_key": person, "month": month, "series": "annual" if month.year < 2015 else "monthly"}
        for person, month in sorted(found)
    ]


def days_in_year(row: Row) -> list[date]:
    """The days a period has in the year of its row; one without an end goes on."""
    day, days = date(row["year"], 1, 1), []
    while day.year == row["year"]:
        if row["started_on"] <= day and (row["ended_on"] is None or day <= row["ended_on"]):
            days.append(day)
        day += ONE_DAY
    return days


def _when(programme: Row) -> tuple[bool, date, int]:
    day = programme["started_on"] or programme["ended_on"]
    return day is None, day or date.max, programme["programme_key"]


def _goes_on_as(earlier: Row, later: Row) -> bool:
    if earlier["programme_status"] != "6" or earlier["ended_on"] is None or later["started_on"] is None:
        return False
    return -31 <= (later["started_on"] - earlier["ended_on"]).days <= 31


def _is_moved_on(own: Sequence[Row], number: int) -> bool:
    return any(_goes_on_as(own[number - 1], later) for later in own[number:])


def _later(one: date | None, other: date | None) -> date | None:
    return max((d for d in (one, other) if d is not None), default=None)


def _reported(reports: Sequence[Row], began: date | None) -> str | None:
    near = [r for r in reports if began is not None and abs((r["started_on"] - began).days) <= 31]
    if not near:
        return None
    best = min(
        near,
        key=lambda r: (
            abs((r["started_on"] - began).days),
            -r["delivery_year"],
            r["started_on"],
            r["municipality"],
            r["nir_exit"] is None,
            r["nir_exit"] or "",
        ),
    )
    return best["nir_exit"]
