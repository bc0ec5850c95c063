"""The examples as one Markdown page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.linkage_world import AS_OF
from tests.spec import ascii
from tests.spec.example import Chapter, Example

_HEAD = """\
# How programmes, cohorts, months and outcomes are made

Written from the examples in `tests/spec/examples` by `python -m tests.spec`; every one of them is a test.
An empty cell is a missing value. Tables that are not drawn have no rows. Unless it says otherwise, the
night is that of {as_of} and everybody has a usable identifier. A register's part is named by the period
it covers; where it has no rows, it was delivered and is empty. The registers of outcomes are those of
employment, education, benefits, social assistance and population.
"""


def manual(chapters: Iterable[Chapter]) -> str:
    """All chapters, in order."""
    return "\n".join(
        [_HEAD.format(as_of=AS_OF.isoformat()), *(line for c in chapters for line in _chapter(c))]
    )


def _chapter(chapter: Chapter) -> Iterator[str]:
    yield from (f"## {chapter.title}\n", f"{chapter.text}\n")
    for example in chapter.examples:
        yield from _example(example)


def _example(example: Example) -> Iterator[str]:
    yield from (f"### {example.title}\n", f"{example.text}\n")
    if example.as_of != AS_OF:
        yield f"The night: {example.as_of.isoformat()}.\n"
    if example.linkable is not None:
        yield f"With a usable identifier: {', '.join(map(str, example.linkable))}.\n"
    for place, drawing in example.given.items():
        yield f"Given `{place}`" + (f":\n\n{ascii.markdown(drawing)}\n" if drawing else " without rows.\n")
    if example.delivered:
        years = " and ".join(map(str, example.delivered))
        yield f"Every register is delivered for {years}.\n"
    for place, drawing in example.expected.items():
        table, _, of = place.partition("/")
        some = f", for {', '.join(of.split())}," if of else ""
        yield f"Then `{table}`{some} is:\n\n{ascii.markdown(drawing)}\n"
