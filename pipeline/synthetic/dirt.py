"""How often each thing goes wrong (facts §5.4). Every rate is invented, none is an observation."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class Dirt:
    """Share of the rows or persons each pattern befalls; `times` doubles them all, or takes them away."""

    # Identifiers of the case system.
    d_number_then_fnr: float = 0.08
    d_number_not_recorded: float = 0.01
    only_duf: float = 0.04
    number_changed: float = 0.003
    registered_twice: float = 0.005
    relative_number: float = 0.01  # the spouse's or a child's number on the wrong record
    shared_d_number: float = 0.001
    shared_identifier: float = 0.001
    wrong_check: float = 0.006
    dummy_identifier: float = 0.005
    sex_against_number: float = 0.003
    # Its other tables.
    moves_bydel: float = 0.06
    duplicate_case: float = 0.015
    overlapping_programme: float = 0.02
    impossible_date: float = 0.007
    person_in_occupation: float = 0.004
    names_in_notes: float = 0.30
    spouse_mismatch: float = 0.01
    participant_without_claim: float = 0.02
    claim_without_settlement: float = 0.02
    activity_without_programme: float = 0.001
    mixed_activity_codes: float = 0.04  # of the activities that begin in a year when the codes changed
    # Deliveries.
    leading_zero_lost: float = 0.008
    spreadsheet_number: float = 0.002
    separated_number: float = 0.005
    old_municipality: float = 0.05  # of the rows of a municipality that was renumbered, the years after
    short_municipality: float = 0.003
    damaged_hours: float = 0.01

    def times(self, errors: float) -> Dirt:
        """Every rate so many times as high, none above one."""
        return Dirt(**{f.name: min(getattr(self, f.name) * errors, 1.0) for f in fields(self)})
