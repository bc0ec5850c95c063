"""The whole quality measurement of a night: states, results of every check, delays, grades.

What does not belong here: how a check is carried out, where its evidence is stored (`night`), and
everything a reader sees.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.quality.contradictions import contradictions, faults
from pipeline.quality.delays import delays
from pipeline.quality.evidence import Evidence
from pipeline.quality.expected import expected_values
from pipeline.quality.flags import fill_counts
from pipeline.quality.grades import grades
from pipeline.quality.held_back import held_back, persons_in_texts, unknown_codes
from pipeline.quality.machine import machine_filled
from pipeline.quality.missingness import informative
from pipeline.quality.over_time import breaks, falling
from pipeline.quality.profile import QualityProfile
from pipeline.quality.results import results
from pipeline.quality.ripeness import unripe


@dataclass(frozen=True)
class Assessment:
    """The tables of `schemas.quality`: ExpectedValues, CheckResult, Delay, FieldGrade. Exact figures, which
    never leave the zone unprotected."""

    states: pl.DataFrame
    results: pl.DataFrame
    delays: pl.DataFrame
    grades: pl.DataFrame


def assess(measured: QualityProfile, evidence: Evidence, waiting: pl.DataFrame | None = None) -> Assessment:
    """Carry out every check over the persons in the profile.

    `waiting` (`ripeness.UNRIPE`) are the years that are taken to be still filling up; without it, those of
    which the evidence says so.
    """
    states = expected_values(measured)
    late, curves = delays(evidence)
    if waiting is None:
        waiting = unripe(measured, evidence)
    found = results(
        [
            *fill_counts(measured, waiting),
            breaks(measured, waiting),
            falling(measured, waiting),
            late,
            *machine_filled(evidence),
            *informative(evidence),
            contradictions(faults(evidence)),
            unknown_codes(evidence),
            persons_in_texts(evidence),
            held_back(evidence),
        ]
    )
    return Assessment(
        states=states, results=found, delays=curves, grades=grades(states, found, evidence.as_of)
    )
