"""Our guess of a sensitive value is right at least as often as anonymeter's, and as much due to the release.

anonymeter takes the value of one row that is alike, we the commonest of the class. Its controls are persons
of the same population who are not in the file, ours rows held out of it. Run by `make oracles`, in an
environment of its own: anonymeter wants an older NumPy than anything else here.
"""

import json
import random
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anonymeter.evaluators import InferenceEvaluator

ROOT = Path(__file__).parents[2]
OURS = ROOT / ".venv" / "bin" / "python"
CLASS_BY, ABOUT = ["bydel", "born"], "status"
ROWS, TRIES, VALUES = 3000, 400, 4

# So many classes, and so often the class alone decides the value, in the file and outside it.
WORLDS = {
    "large classes that tell nothing": (60, 0.0),
    "large classes that tell something of everybody": (60, 0.7),
    "classes that decide": (60, 1.0),
    "small classes that tell of those in them": (1000, 0.0),
    "hardly anybody is alike": (6000, 0.0),
}
FROM_BEING_IN_IT = {"small classes that tell of those in them", "hardly anybody is alike"}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Of each world what anonymeter finds, and what we find."""
    folder = tmp_path_factory.mktemp("attacked")
    theirs, asked = {}, []
    for number, (name, (classes, truth)) in enumerate(WORLDS.items()):
        released, outside = world(random.Random(number), classes, truth)
        theirs[name] = by_anonymeter(released, outside)
        path = folder / f"{number}.csv"
        released.to_csv(path, index=False)
        asked.append({"path": str(path), "class_by": CLASS_BY, "about": ABOUT})
    ours = dict(zip(WORLDS, by_us(asked), strict=True))
    return {name: (theirs[name], ours[name]) for name in WORLDS}


@pytest.mark.parametrize("name", WORLDS)
def test_our_guess_is_right_at_least_as_often(both, name):
    theirs, ours = both[name]
    assert ours["right"] >= theirs.attack_rate.value - theirs.attack_rate.error


@pytest.mark.parametrize("name", WORLDS)
def test_both_say_whether_it_comes_of_being_in_the_file(both, name):
    theirs, ours = both[name]
    gains = theirs.attack_rate.value - theirs.control_rate.value, ours["right"] - ours["held_out"]
    if name in FROM_BEING_IN_IT:
        assert min(gains) > 0.2
    else:
        assert max(gains) < 0.1


def world(chance, classes, truth):
    """A released file, and as many rows of other persons of the same population."""
    of_class = [str(chance.randrange(VALUES)) for _ in range(classes)]

    def row():
        at = chance.randrange(classes)
        told = of_class[at] if chance.random() < truth else str(chance.randrange(VALUES))
        return f"bydel {at % 7}", f"year {at // 7}", told

    return tuple(pd.DataFrame([row() for _ in range(ROWS)], columns=[*CLASS_BY, ABOUT]) for _ in range(2))


def by_anonymeter(released, outside):
    np.random.seed(20061)  # it draws from NumPy's own
    tried = InferenceEvaluator(
        ori=released, syn=released, aux_cols=CLASS_BY, secret=ABOUT, n_attacks=TRIES, control=outside
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where the attack is no better than chance
        return tried.evaluate(n_jobs=1).results()


def by_us(asked):
    done = subprocess.run(
        [OURS, "-m", "tests.oracles.attack_files"],
        input=json.dumps(asked),
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
