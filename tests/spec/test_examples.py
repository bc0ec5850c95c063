"""Every example of the manual holds, and the manual is the examples."""

from pathlib import Path

import pytest

from schemas import codes
from tests.spec.__main__ import README
from tests.spec.example import Example
from tests.spec.examples import CHAPTERS
from tests.spec.manual import manual

EXAMPLES = [example for chapter in CHAPTERS for example in chapter.examples]


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_it_holds(example: Example, tmp_path: Path) -> None:
    example.check(tmp_path)


def test_every_title_is_used_once() -> None:
    assert len({example.name for example in EXAMPLES}) == len(EXAMPLES)


def test_the_manual_is_what_the_examples_say() -> None:
    assert README.read_text("utf-8") == manual(CHAPTERS), "write it again with: python -m tests.spec"


def test_every_reason_of_censoring_is_shown() -> None:
    drawn = "\n".join(drawing for example in EXAMPLES for drawing in example.expected.values())
    assert [code for code in codes.CENSORING.values() if code not in drawn] == []
