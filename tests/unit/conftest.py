"""Invented worlds that several modules look at: made once a session, changed by nobody."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world of 1,200 persons."""
    from pipeline.synthetic import synthesise

    made = tmp_path_factory.mktemp("small world") / "world"
    synthesise(made, persons=1_200)
    return made


@pytest.fixture(scope="session")
def full_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world the totals are published for."""
    from pipeline.synthetic import synthesise

    made = tmp_path_factory.mktemp("full world") / "world"
    synthesise(made)
    return made


@pytest.fixture(scope="session")
def three_places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small world with two municipalities beside Oslo."""
    from pipeline.synthetic import synthesise

    made = tmp_path_factory.mktemp("three places") / "world"
    synthesise(made, persons=1_200, municipalities=3)
    return made
