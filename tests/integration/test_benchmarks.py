"""The benchmarks still run: tiny sizes, and nothing is said about time."""

from __future__ import annotations

import pytest

from tests.benchmarks.__main__ import main
from tests.benchmarks.stages import STAGES

# The start of what each stage of the list prints.
PRINTED = {
    "municipality": ("land", "validate", "identify and core", "link", "profile", "release", "all again"),
    "validation": ("validate: 2,000 x 20",),
    "quality": ("profile: 2,000 rows x 60, all", "profile: 2,000 rows x 60, the", "profile: 2,000 persons"),
    "linkage": (
        "link: extract, panel, outcomes",
        "link:   extract",
        "link:   panel",
        "link:   outcomes",
        "link:   match rates",
        "link: a whole night",
        "  One machine like this reads",
        "link: a new month",
        "link: nothing has changed",
    ),
    "pseudonyms": ("pseudonyms",),
    "disclosure": ("levels by class: 300 x 8", "one level: 300 x 6", "levels by class: 2,000 x 8"),
}


def test_every_stage_is_known_here() -> None:
    assert set(PRINTED) == set(STAGES)


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_prints_a_ratio_and_rows_a_second(stage: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "--only", stage])
    heading, *lines = capsys.readouterr().out.splitlines()
    assert "ratio" in heading and "rows/s" in heading
    for start in PRINTED[stage]:
        assert [line for line in lines if line.startswith(start)], start
