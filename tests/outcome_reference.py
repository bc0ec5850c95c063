"""What became of somebody, worked out one person and day at a time in plain Python, without the SQL.

The property tests hold the SQL against it on small invented worlds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from tests.linkage_reference import ONE_DAY, Row, days_in_year

FLAGS = (
    "in_work",
    "in_education",
    "in_compulsory_school",
    "unemployed_or_measure",
    "social_assistance",
    "on_benefit",
)


def month_statuses(
    work: Sequence[Row],
    education: Sequence[Row],
    benefits: Sequence[Row],
    assistance: Sequence[Row],
    participants: Collection[int],
    delivered_to: date,
) -> list[Row]:
    """MonthStatus: day by day, and one benefit of one person at a time."""
    said = {(row["person_key"], row["month"], "in_work") for row in work}
    for row in education:
        if row["ended_on"] is None and row["education_status"] != "igang":
            continue
        level = row["nus2000"][0]
        if level == "9":
            continue
        flag = "in_compulsory_school" if level in "012" else "in_education"
        said |= {(row["person_key"], day.replace(day=1), flag) for day in days_in_year(row)}
    for person, kind in sorted({(row["person_key"], row["benefit"]) for row in benefits}):
        events = {
            (r["event_on"], r["event"]) for r in benefits if (r["person_key"], r["benefit"]) == (person, kind)
        }
        flag = "unemployed_or_measure" if kind in ("DAG", "TIL", "LED") else "on_benefit"
        said |= {(person, day.replace(day=1), flag) for day in _days_on_benefit(events, delivered_to)}
    for row in assistance:
        for number in range(1, 13):
            if row[f"month_{number:02}"]:
                said.add((row["person_key"], date(row["year"], number, 1), "social_assistance"))
    months = sorted({(person, month) for person, month, _ in said if person in participants})
    return [
        {"person_key": person, "month": month} | {flag: (person, month, flag) in said for flag in FLAGS}
        for person, month in months
    ]


def _days_on_benefit(events: Collection[tuple[date, str]], delivered_to: date) -> set[date]:
    """Walk through the days with an event, remembering since when the benefit runs."""
    days: set[date] = set()
    since: date | None = None
    for today in sorted({day for day, _ in events}):
        starts, stops = ((today, kind) in events for kind in ("START", "STOPP"))
        if stops and since is not None:
            days |= _between(since, today)
            since = None
            if starts:
                since = today
        elif starts and stops:
            days.add(today)
        elif starts and since is None:
            since = today
    return days if since is None else days | _between(since, delivered_to)


def _between(first: date, last: date) -> set[date]:
    return {first + timedelta(n) for n in range((last - first).days + 1)}


NOVEMBERS = {"y1": 1, "y5": 5, "y5_all": 5}
MONTHS_OF_BAERUM = {f"baerum_{n}{own}": n for own in ("", "_own") for n in (0, 12, 60)}


def outcomes(
    members: Sequence[Row],
    months: Sequence[Row],
    statuses: Sequence[Row],
    *,
    as_of: date,
    answerable: Collection[tuple[str, date]],
    linkable: Collection[int],
) -> list[Row]:
    """Outcome, window by window; `months` are rows of MonthStatus."""
    out = []
    for member in members:
        status = _at_exit(member["nir_exit"])
        reached = status in ("work", "education")
        out.append(_row(member, "y0", member["left_on"], status, "observed", None, reached))
        for outcome in sorted(NOVEMBERS | MONTHS_OF_BAERUM):
            if outcome in NOVEMBERS:
                due = date(member["exit_year"] + NOVEMBERS[outcome], 11, 30)
            else:
                due = _month_end(member["left_on"], MONTHS_OF_BAERUM[outcome])
            status, censoring = _measured(
                member["person_key"],
                due,
                months,
                statuses,
                as_of=as_of,
                answerable=(outcome, due.replace(day=1)) in answerable,
                linkable=linkable,
                everybody=outcome == "y5_all",
                self_financed=outcome.endswith("_own"),
            )
            series = "annual" if due.year < 2015 else "monthly"
            reached = status in ("work", "education", "work_education")
            out.append(_row(member, outcome, due, status, censoring, series, reached))
    return sorted(out, key=lambda row: (row["person_key"], row["outcome"]))


def panel(
    members: Sequence[Row],
    months: Sequence[Row],
    statuses: Sequence[Row],
    *,
    as_of: date,
    answerable: Collection[date],
    linkable: Collection[int],
) -> list[Row]:
    """Panel, month by month."""
    out = []
    for member in sorted(members, key=lambda m: m["person_key"]):
        for number in range(61):
            due = _month_end(member["left_on"], number)
            status, censoring = _measured(
                member["person_key"],
                due,
                months,
                statuses,
                as_of=as_of,
                answerable=due.replace(day=1) in answerable,
                linkable=linkable,
            )
            out.append(
                {
                    "person_key": member["person_key"],
                    "months_since_exit": number,
                    "status": status,
                    "censoring": censoring,
                }
            )
    return out


def _month_end(day: date, months: int) -> date:
    """The last day of the month `months` after the month of `day`."""
    place = day.year * 12 + day.month + months  # of the month after, counted from 1
    return date(place // 12, place % 12 + 1, 1) - ONE_DAY


def _measured(
    person: int,
    due: date,
    months: Sequence[Row],
    statuses: Sequence[Row],
    *,
    as_of: date,
    answerable: bool,
    linkable: Collection[int],
    everybody: bool = False,
    self_financed: bool = False,
) -> tuple[str | None, str]:
    """Status and censoring of a person in the month that ends on `due`."""
    if due > as_of:
        return None, "not_due"
    if not answerable:
        return None, "not_loaded"
    residence = _residence([s for s in statuses if s["person_key"] == person], due)
    if residence != "bosatt":
        word = "dead" if residence == "dod" else "emigrated"
        return (word, "observed") if everybody else (None, word)
    if person not in linkable:
        return None, "not_linkable"
    of_month = [m for m in months if (m["person_key"], m["month"]) == (person, due.replace(day=1))]
    return _status({flag for m in of_month for flag in FLAGS if m[flag]}, self_financed), "observed"


def _status(flags: Collection[str], self_financed: bool) -> str:
    studies = "in_education" in flags
    if self_financed and "social_assistance" in flags:
        studies = False
    if "in_work" in flags:
        return "work_education" if studies else "work"
    if studies:
        return "education"
    if "unemployed_or_measure" in flags:
        return "unemployed_measure"
    return "other" if flags else "unknown"


def _row(
    member: Row, outcome: str, due: date, status: str | None, censoring: str, series: str | None, counts: bool
) -> Row:
    return {
        "person_key": member["person_key"],
        "exit_year": member["exit_year"],
        "outcome": outcome,
        "due_on": due,
        "status": status,
        "censoring": censoring,
        "series": series,
        "in_numerator": counts,
        "in_denominator": censoring == "observed",
    }


def _at_exit(reason: str) -> str:
    if reason in ("01", "02", "03"):
        return "work"
    if reason in ("11", "12", "13"):
        return "education"
    return "not_registered" if reason == "98" else "other"


def _residence(statuses: Sequence[Row], due: date) -> str:
    """Every status in the order it began; the last to begin by `due` holds."""
    rank = {"bosatt": 0, "utvandret": 1, "dod": 2}
    begun = [
        (s["status_on"] or date(s["year"], 1, 1), s["year"], rank[s["residence"]], s["residence"])
        for s in statuses
    ]
    return max((b for b in begun if b[0] <= due), default=(None, None, None, "bosatt"))[3]
