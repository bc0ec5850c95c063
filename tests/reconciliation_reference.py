"""Reconciliation, flags and match rates in plain Python, one person at a time: slow, and without the SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

Row = Mapping[str, Any]
DAY = timedelta(days=1)
SEVERITY = {"bosatt": 0, "utvandret": 1, "dod": 2}
MAY_BE = {
    "NOR": {"SPR"},
    "SAM": {"SAM"},
    "SPP": {"SPR", "ARB"},
    "ARP": {"ARB"},
    "ARB": {"ARB"},
    "YRK": {"ARB"},
    "GOD": {"GOD"},
    "KUR": {"UTD"},
    "GRS": {"UTD"},
    "VGO": {"UTD"},
    "HEL": {"HEL"},
}


def goes_on_as(earlier: Row, later: Row) -> bool:
    if earlier["programme_status"] != "6" or earlier["ended_on"] is None or later["started_on"] is None:
        return False
    return abs((later["started_on"] - earlier["ended_on"]).days) <= 31


def chains(spells: Sequence[Row]) -> list[dict[str, Any]]:
    """ProgrammeChain: each programme looks back for the last one that it continues."""
    out = []
    for person in {s["person_key"] for s in spells}:
        own = sorted((s for s in spells if s["person_key"] == person), key=lambda s: s["programme_number"])
        members: list[list[Row]] = []
        for place, spell in enumerate(own):
            before = [e for e in own[:place] if goes_on_as(e, spell)]
            if before:
                next(chain for chain in members if before[-1] in chain).append(spell)
            else:
                members.append([spell])
        for number, chain in enumerate(members, start=1):
            first, last = chain[0], chain[-1]
            for spell in chain:
                out.append(
                    {
                        "person_key": person,
                        "programme_key": spell["programme_key"],
                        "number": number,
                        "first_programme_key": first["programme_key"],
                        "last_programme_key": last["programme_key"],
                        "law": first["law"],
                        "bydel": last["bydel"],
                        "began_on": first["started_on"],
                        "ended_on": last["ended_on"],
                        "programme_status": last["programme_status"],
                    }
                )
    return sorted(out, key=lambda row: row["programme_key"])


def reconciliation(
    parts: Sequence[Row],
    *,
    programmes: Sequence[Row],
    cases: Sequence[Row],
    results: Sequence[Row],
    activities: Sequence[Row],
    nir: Sequence[Row],
    measures: Sequence[Row],
    nir_years: Collection[int],
    identified: Mapping[int, str],
    changes: Mapping[int, date],
) -> list[tuple[Any, ...]]:
    """(person, kind, number, programme, days, who last, bydel, year), sorted."""
    ours = {c["municipality"] for c in cases}
    for group in ({"0219", "3024", "3201"},):
        if ours & group:
            ours |= group
    out: list[tuple[Any, ...]] = []
    for person in {p["person_key"] for p in parts} | {n["person_key"] for n in nir}:
        own = [p for p in parts if p["person_key"] == person]
        last_parts = [p for p in own if p["programme_key"] == p["last_programme_key"]]
        told = [n for n in nir if n["person_key"] == person and n["municipality"] in ours]
        reports = latest_reports(told)
        wanted = set()
        for chain in last_parts:
            decided = one(programmes, "programme_key", chain["first_programme_key"]).get("decided_on")
            possible = [r for r in reports if may_be_of(chain, decided, r)]
            wanted |= {reports.index(r) for r in possible}
            year = next((d.year for d in (chain["began_on"], chain["ended_on"], decided) if d), None)
            found: list[tuple[str, int | None]]
            if not possible:
                if identified.get(person, "NONE") == "NONE":
                    found = [("not_identified", None)]
                elif not any(ran_in(chain, y) for y in nir_years):
                    found = [("not_delivered", None)]
                else:
                    found = [("only_in_case_system", None)]
                out += rows(chain, found, "case_system", year)
                continue
            report = min(possible, key=lambda r: closeness(chain, decided, r, reports.index(r)))
            result = one(results, "programme_key", chain["programme_key"])
            found = differences(chain, result, report)
            mine = {
                a["activity"]
                for a in activities
                if a["activity"]
                and a["programme_key"] in {p["programme_key"] for p in own if p["number"] == chain["number"]}
            }
            theirs = [
                m
                for m in latest_measures([m for m in measures if m["person_key"] == person])
                if m["municipality"] in ours and m["measure"] in MAY_BE and meets(chain, m)
            ]
            if mine and theirs and not same_activities(mine, {m["measure"] for m in theirs}):
                found.append(("activity_differs", None))
            who = changed_last(chain, result, changes.get(chain["programme_key"]), report, told)
            out += rows(chain, found or [("agrees", None)], who, year)
        for place, report in enumerate(reports):
            if place not in wanted:
                bydel = bydel_at([c for c in cases if c["person_key"] == person], report["started_on"])
                year = report["started_on"].year
                out.append((person, "only_in_nir", place + 1, None, None, "nir", bydel, year))
    return sorted(out, key=lambda row: row[:3])


def rows(
    chain: Row, found: Sequence[tuple[str, int | None]], who: str, year: int | None
) -> list[tuple[Any, ...]]:
    person, number, programme = (chain[name] for name in ("person_key", "number", "programme_key"))
    return [(person, kind, number, programme, days, who, chain["bydel"], year) for kind, days in found]


def one(table: Sequence[Row], name: str, key: Any) -> Row:
    return next((row for row in table if row[name] == key), {})


def latest_reports(told: Sequence[Row]) -> list[Row]:
    kept: dict[Any, Row] = {}
    for row in sorted(told, key=lambda r: r["delivery_year"]):
        kept[row["started_on"], row["municipality"]] = row
    return [kept[key] for key in sorted(kept)]


def latest_measures(told: Sequence[Row]) -> list[Row]:
    kept: dict[Any, Row] = {}
    for row in sorted(told, key=lambda r: r["delivery_year"]):
        kept[row["municipality"], row["measure"], row["started_on"]] = row
    return list(kept.values())


def may_be_of(chain: Row, decided: date | None, report: Row) -> bool:
    if decided is not None and decided == report["decided_on"]:
        return True
    days = days_between(chain, report)
    return days is not None and days <= 31


def days_between(chain: Row, report: Row) -> int | None:
    """Between the starts; between the ends of a chain whose start nobody registered."""
    if chain["began_on"] is not None:
        return apart(chain["began_on"], report["started_on"])
    return apart(chain["ended_on"], report["ended_on"])


def closeness(chain: Row, decided: date | None, report: Row, place: int) -> tuple[Any, ...]:
    days = days_between(chain, report)
    other_decision = not (decided is not None and decided == report["decided_on"])
    return other_decision, 10**6 if days is None else days, -report["delivery_year"], place


def ran_in(chain: Row, year: int) -> bool:
    first = chain["began_on"] or chain["ended_on"]
    last = chain["ended_on"]
    return (first is None or first.year <= year) and (last is None or year <= last.year)


def differences(chain: Row, result: Row, report: Row) -> list[tuple[str, int | None]]:
    found: list[tuple[str, int | None]] = []
    if chain["began_on"] != report["started_on"]:
        found.append(("start_differs", apart(chain["began_on"], report["started_on"])))
    mine, theirs = chain["ended_on"], report["ended_on"]
    could_not_know = mine is not None and theirs is None and mine.year > report["delivery_year"]
    if mine != theirs and not could_not_know:
        found.append(("end_differs", apart(mine, theirs)))
    if mine and theirs and (result.get("nir_exit") or "98") != (report["nir_exit"] or "98"):
        found.append(("reason_differs", None))
    return found


def apart(one_day: date | None, other: date | None) -> int | None:
    return None if one_day is None or other is None else abs((one_day - other).days)


def meets(chain: Row, measure: Row) -> bool:
    if chain["began_on"] is None:
        return False
    first, last = chain["began_on"] - 31 * DAY, (chain["ended_on"] or date(9000, 1, 1)) + 31 * DAY
    return measure["started_on"] <= last and (measure["ended_on"] or date.max) >= first


def same_activities(mine: set[str], measures: set[str]) -> bool:
    covered = set().union(*(MAY_BE[m] for m in measures))
    return mine <= covered and all(MAY_BE[m] & mine for m in measures)


def changed_last(chain: Row, result: Row, change: date | None, report: Row, told: Sequence[Row]) -> str:
    dates = [d for d in (result.get("dated_on"), result.get("sent_to_nir_on"), change) if d]
    if not dates:
        return "unknown"
    same = [
        n["delivery_year"]
        for n in told
        if all(n[k] == report[k] for k in ("municipality", "started_on", "ended_on", "nir_exit"))
    ]
    cut_off = date(min(same) + 1, 2, 28)
    if max(dates) == cut_off:
        return "unknown"
    return "case_system" if max(dates) > cut_off else "nir"


def bydel_at(cases: Sequence[Row], start: date) -> str | None:
    by_then = [c for c in cases if c["opened_on"] <= start + 31 * DAY]
    if by_then:
        latest = max(c["opened_on"] for c in by_then)
        chosen = [c for c in by_then if c["opened_on"] == latest]
    elif cases:
        earliest = min(c["opened_on"] for c in cases)
        chosen = [c for c in cases if c["opened_on"] == earliest]
    else:
        return None
    return min(chosen, key=lambda c: c["case_key"])["bydel"]


def flags(
    spells: Sequence[Row],
    parts: Sequence[Row],
    *,
    programmes: Sequence[Row],
    permits: Sequence[Row],
    absences: Sequence[Row],
    leaves: Sequence[Row],
    as_of: date,
) -> list[tuple[int, str, str | None]]:
    """(programme, flag, law), sorted."""
    out = set()
    law_of = {}
    for part in parts:
        begun = [
            p
            for p in permits
            if p["person_key"] == part["person_key"]
            and part["began_on"]
            and p["valid_from"] <= part["began_on"]
        ]
        held = max(begun, key=lambda p: p["valid_from"], default=None)
        law_of[part["programme_key"]] = law(part, held)
    for later in spells:
        for earlier in spells:
            before = earlier["programme_number"] < later["programme_number"]
            if earlier["person_key"] != later["person_key"] or not before or goes_on_as(earlier, later):
                continue
            if earlier["ended_on"] and later["started_on"] and later["started_on"] < earlier["ended_on"]:
                out.add((later["programme_key"], "overlap"))
        if later["started_on"] and later["ended_on"] and later["ended_on"] < later["started_on"]:
            out.add((later["programme_key"], "end_before_start"))
    for chain in parts:
        if chain["programme_key"] != chain["last_programme_key"] or chain["began_on"] is None:
            continue
        until = chain["ended_on"]
        if until is None and chain["programme_status"] in ("1", "2"):
            until = as_of
        if until is None:
            continue
        keys = {p["programme_key"] for p in parts if p["last_programme_key"] == chain["programme_key"]}
        goal = one(programmes, "programme_key", chain["programme_key"]).get("programme_goal")
        months = {"2003": 36, "6A": 12, "2021": 48 if goal in ("V", None) else 36}[
            law_of[chain["programme_key"]]
        ]
        away = days_away(chain, until, keys, absences, leaves)
        # Not through the months of a calendar: the first day that is too late, then a day for each of leave.
        too_late = after_months(chain["began_on"], months)
        if until >= too_late + away * DAY:
            out.add((chain["programme_key"], "too_long"))
    return sorted((key, flag, law_of[key]) for key, flag in out)


def law(chain: Row, held: Row | None) -> str | None:
    began = chain["began_on"]
    if began is None:
        return None
    if held is not None and held["permit_ground"] == "34" and began >= date(2022, 6, 15):
        return "6A"
    if held is not None and (held["decided_on"] or held["valid_from"]).year <= 2020:
        return "2003"
    return "2003" if began < date(2021, 1, 1) or chain["law"] == "2003" else "2021"


def after_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError


def days_away(chain: Row, until: date, keys: set[int], absences: Sequence[Row], leaves: Sequence[Row]) -> int:
    spans = []
    for a in absences:
        if a["programme_key"] in keys and a["absence_cause"] in ("FOD", "PER"):
            end = a["ended_on"] or a["started_on"] + (max(a["days"] or 1, 1) - 1) * DAY
            spans.append((a["started_on"], end))
    latest: dict[Any, Row] = {}
    for told in sorted(leaves, key=lambda r: r["delivery_year"]):
        if told["person_key"] == chain["person_key"]:
            latest[told["municipality"], told["leave_cause"], told["started_on"]] = told
    spans += [(told["started_on"], told["ended_on"] or until) for told in latest.values()]
    day, count = chain["began_on"], 0
    while day <= until:
        count += any(first <= day <= last for first, last in spans)
        day += DAY
    return count


def in_programme_until(spell: Row) -> int:
    if spell["ended_on"]:
        return spell["ended_on"].year
    return 9999 if spell["programme_status"] in ("1", "2") else spell["started_on"].year


def lived_here_in(year: int, told: Sequence[Row]) -> bool:
    """Whether the person was resident on any day of the year, day by day."""
    since = [(p["status_on"] or date(p["year"], 1, 1), p["year"], SEVERITY[p["residence"]]) for p in told]
    day = date(year, 1, 1)
    while day.year == year:
        latest = max((s for s in since if s[0] <= day), default=None)
        if latest is None or latest[2] == 0:
            return True
        day += DAY
    return False


def match_rates(
    spells: Sequence[Row],
    years: Sequence[tuple[str, int]],
    records: Collection[tuple[str, int, int]],
    identified: Mapping[int, str],
    linkable: Collection[int],
    population: Sequence[Row],
) -> list[tuple[Any, ...]]:
    """MatchRate rows, sorted; `records` are (register, year, person)."""
    cells: dict[tuple[Any, ...], list[int]] = {}
    for register, year in years:
        for person in {s["person_key"] for s in spells}:
            begun = [
                s
                for s in spells
                if s["person_key"] == person
                and (s["started_on"] or s["ended_on"])
                and (s["started_on"] or s["ended_on"]).year <= year
                and (register != "nir_participant" or in_programme_until(s) >= year)
            ]
            if not begun or not lived_here_in(year, [p for p in population if p["person_key"] == person]):
                continue
            bydel = max(begun, key=lambda s: s["programme_number"])["bydel"] or "99"
            best = identified.get(person, "NONE")
            found = (register, year, person) in records
            known = person in linkable or (best == "DUF" and register == "nir_participant")
            cell = cells.setdefault((register, year, bydel, best), [0, 0, 0])
            cell[0] += 1
            cell[1] += known or found
            cell[2] += found
    return sorted((*key, *counts) for key, counts in cells.items())
