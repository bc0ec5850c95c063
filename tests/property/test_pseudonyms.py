"""Pseudonyms: the same for a person within a project, unlinkable between two."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.identity.keys import Keys, ProjectKey, create_master, pseudonyms

persons = st.lists(st.integers(1, 2**62), min_size=1, max_size=30)
laws = settings(max_examples=50, derandomize=True)


@pytest.fixture(scope="module")
def projects() -> Iterator[tuple[ProjectKey, ProjectKey]]:
    with tempfile.TemporaryDirectory() as folder:
        create_master(Path(folder) / "keys", demo=True)
        keys = Keys(Path(folder) / "keys")
        yield keys.project_key("one"), keys.project_key("other")


def made(numbers: list[int], key: ProjectKey) -> dict[int, str]:
    return dict(pseudonyms(pl.Series(numbers, dtype=pl.Int64), key).rows())


@laws
@given(persons, persons)
def test_a_persons_pseudonym_does_not_depend_on_who_else_is_there(
    projects: tuple[ProjectKey, ProjectKey], some: list[int], others: list[int]
) -> None:
    alone, together = made(some, projects[0]), made([*others, *reversed(some)], projects[0])
    assert all(together[person] == alone[person] for person in some)


@laws
@given(persons)
def test_two_persons_never_share_a_pseudonym(
    projects: tuple[ProjectKey, ProjectKey], some: list[int]
) -> None:
    assert len(set(made(some, projects[0]).values())) == len(set(some))


@laws
@given(persons)
def test_two_projects_share_no_pseudonym(projects: tuple[ProjectKey, ProjectKey], some: list[int]) -> None:
    one, other = made(some, projects[0]), made(some, projects[1])
    assert not set(one.values()) & set(other.values())


@laws
@given(st.lists(st.integers(1, 2**62), min_size=2, max_size=30, unique=True))
def test_the_order_of_pseudonyms_in_one_project_says_nothing_of_the_other(
    projects: tuple[ProjectKey, ProjectKey], some: list[int]
) -> None:
    """No bit of one follows the other: across many persons about half of the bits differ."""
    one, other = made(some, projects[0]), made(some, projects[1])
    differing = [(int(one[p], 16) ^ int(other[p], 16)).bit_count() for p in some]
    assert 40 <= sum(differing) / len(differing) <= 88


def test_a_key_is_the_same_in_the_next_process(tmp_path: Path) -> None:
    create_master(tmp_path, demo=True)
    again = [made([1, 2, 3], Keys(tmp_path).project_key("one")) for _ in range(2)]
    assert again[0] == again[1]
