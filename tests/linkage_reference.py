"""What is linked, worked out one person at a time in plain Python: slow, and written without the SQL.

The property tests hold the SQL against it on small invented worlds.
"""

from __future__ import annotations

from calendar import monthrange
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
        began: list[date | None] = []
        for number, programme in enumerate(own, start=1):
            before = [n for n, earlier in enumerate(own[: number - 1]) if _goes_on_as(earlier, programme)]
            began.append(began[before[-1]] if before else programme["started_on"])
            moved_on = _is_moved_on(own, number)
            report = None if moved_on else _reported(reports, began[-1], programme["ended_on"])
            said = report and report["nir_exit"]
            exited = None if moved_on else programme["ended_on"]
            if report and exited is None and programme["programme_status"] in ("3", "4", "5", "7"):
                exited = report["ended_on"]
            key = programme["programme_key"]
            out.append(
                {
                    "person_key": person,
                    "programme_key": key,
                    "programme_number": number,
                    "bydel": bydel.get(programme["case_key"]),
                    "began_on": began[-1],
                    "started_on": programme["started_on"],
                    "ended_on": programme["ended_on"],
                    "exited_on": exited,
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
        exits = [s for s in own if s["exited_on"] is not None and s["exited_on"] <= as_of]
        if not exits:
            continue
        spell = _last_of(exits)
        left = _left(spell, own, [x for x in leaves if x["person_key"] == person], as_of)
        if left <= as_of:
            out.append(
                {
                    "person_key": person,
                    "programme_key": spell["programme_key"],
                    "bydel": spell["bydel"],
                    "started_on": spell["started_on"],
                    "ended_on": spell["exited_on"],
                    "left_on": left,
                    "exit_year": left.year,
                    "nir_exit": spell["nir_exit"] or "98",
                }
            )
    return out


def _last_of(exits: Sequence[Row]) -> Row:
    """Of two on one day the one that says why, then the earlier start, then the lower key."""
    last = max(s["exited_on"] for s in exits)
    same_day = [s for s in exits if s["exited_on"] == last]
    telling = [s for s in same_day if s["nir_exit"] not in (None, "98")] or same_day
    return min(telling, key=lambda s: (s["started_on"] or date.max, s["programme_key"]))


def exclusions(all_spells: Sequence[Row], members: Collection[int], as_of: date) -> list[Row]:
    """CohortExclusion: everybody else."""
    out = []
    for person in sorted({s["person_key"] for s in all_spells} - set(members)):
        own = [s for s in all_spells if s["person_key"] == person]
        last = max(own, key=lambda s: s["programme_number"])
        why = "end_unknown"
        if last["exited_on"] is None:
            if last["programme_status"] in ("1", "2"):
                why = "still_in_programme"
        elif last["exited_on"] > as_of:
            why = "still_in_programme"
        if any(s["exited_on"] is not None and s["exited_on"] <= as_of for s in own):
            why = "on_leave"
        out.append({"person_key": person, "exclusion": why})
    return out


def _left(spell: Row, own: Sequence[Row], leaves: Sequence[Row], as_of: date) -> date:
    """The day the programme was left, or will be when care leave from it has ended."""
    end = spell["exited_on"]
    for later in own[spell["programme_number"] :]:
        if later["started_on"] is not None and end <= later["started_on"] <= as_of:
            return end
    left = end
    care = [x for x in leaves if x["leave_cause"] == "OMS"]
    for began in {x["started_on"] for x in care}:
        told = [x for x in care if x["started_on"] == began]
        last = max(x["delivery_year"] for x in told)
        ends = [x["ended_on"] for x in told if x["delivery_year"] == last]
        if spell["began_on"] is not None and began < spell["began_on"]:
            continue
        if (began - end).days > 31:
            continue
        left = max(left, _ten_months_after(began) if None in ends else max(ends))
    return left


def _ten_months_after(day: date) -> date:
    year, month = (day.year, day.month + 10) if day.month <= 2 else (day.year + 1, day.month - 2)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


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


def _reported(reports: Sequence[Row], began: date | None, ended: date | None) -> Row | None:
    """NIR's row: each municipality's latest delivery, then the nearest of these."""

    def apart(report: Row) -> int:
        ours, theirs = (began, report["started_on"]) if began else (ended, report["ended_on"])
        return abs((theirs - ours).days) if ours and theirs else 9999

    near = [r for r in reports if apart(r) <= 31]
    known = []
    for municipality in sorted({r["municipality"] for r in near}):
        told = [r for r in near if r["municipality"] == municipality]
        newest = [r for r in told if r["delivery_year"] == max(x["delivery_year"] for x in told)]
        known.append(
            min(
                newest,
                key=lambda r: (
                    apart(r),
                    r["started_on"],
                    r["nir_exit"] or "none",
                    r["ended_on"] or date.max,
                ),
            )
        )
    return min(known, key=lambda r: (apart(r), -r["delivery_year"], r["started_on"]), default=None)
