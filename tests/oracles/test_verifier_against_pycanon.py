"""The verifier's k and l, measured by SQL on a written file, are those of pycanon. Run by `make oracles`.

pycanon works on frames in which nothing is missing: pandas leaves a missing value out of every group, and
NumPy cannot sort one. To the verifier a missing value is a value like any other, of which an outsider can
know that it is missing. So pycanon is given a word in its place. For several outcome columns the verifier
counts distinct *rows* of them, pycanon the least of the columns; so pycanon is given the rows as one column.
"""

import json
import random
import subprocess
from pathlib import Path

import pandas as pd
from pycanon.anonymity import k_anonymity, l_diversity

ROOT = Path(__file__).parents[2]
OURS = ROOT / ".venv" / "bin" / "python"
MISSING = "(missing)"
RANDOM_FILES = 60


def test_the_verifier_agrees_with_pycanon_on_random_files(tmp_path):
    chance = random.Random(20250301)
    cases = [random_case(chance) for _ in range(RANDOM_FILES)]

    ks, ls = compared(cases, tmp_path)

    # The comparison has met what it is about: files below, at and above the threshold, uniform classes, and
    # classes with several outcomes.
    assert {1, 4, 5, 6} <= set(ks) and max(ks) > 20
    assert {1, 2, 3} <= set(ls)


EDGES = {
    "all rows alike": ([("a", "b", "x")] * 7, 7, 1),
    "all rows unique": ([(str(n), "b", str(n)) for n in range(9)], 1, 1),
    "one row": ([("a", "b", "x")], 1, 1),
    "a class as large as asked for": ([("a", "b", "x")] * 5 + [("c", "b", "y")] * 8, 5, 1),
    "a class one short": ([("a", "b", "x")] * 4 + [("c", "b", "y")] * 8, 4, 1),
    "two outcomes in every class": ([("a", "b", o) for o in "xxxxy"] + [("c", "b", o) for o in "xyz"], 3, 2),
    "one column missing in one row": ([("a", "b", "x")] * 6 + [("a", None, "y")], 1, 1),
    "missing everywhere": ([(None, None, None)] * 3, 3, 1),
    "a missing outcome is one": ([("a", "b", "x")] * 5 + [("a", "b", None)], 6, 2),
    "case and spaces differ": ([("a", "b", "x"), ("A", "b", "x"), ("a ", "b", "x")], 1, 1),
}


def test_they_agree_on_edges_worked_out_by_hand(tmp_path):
    cases = [(frame(rows, ["sex", "age"], ["outcome"]), ["sex", "age"]) for rows, _, _ in EDGES.values()]

    ks, ls = compared(cases, tmp_path)

    assert dict(zip(EDGES, zip(ks, ls, strict=True), strict=True)) == {
        name: (k, least) for name, (_, k, least) in EDGES.items()
    }


def test_both_find_the_one_class_that_lost_a_row(tmp_path):
    chance = random.Random(5)
    whole = pd.concat(
        [frame([(str(c), "b", chance.choice("xyz"))], ["sex", "age"], ["outcome"]) for c in range(30)] * 5,
        ignore_index=True,
    )
    cases = [(whole, ["sex", "age"])]
    cases += [(whole.drop(index=row).reset_index(drop=True), ["sex", "age"]) for row in (0, 77, 149)]

    ks, _ = compared(cases, tmp_path)

    assert ks == [5, 4, 4, 4]


def test_a_missing_value_is_why_pycanon_needs_a_word_for_it():
    """Should pycanon learn to count missing values, the word above can go."""
    rows = frame([("a", "x")] * 6 + [(None, "x")], ["sex"], ["outcome"])
    assert k_anonymity(rows, ["sex"]) == 6
    assert k_anonymity(rows.fillna(MISSING), ["sex"]) == 1


# --- the two sides --------------------------------------------------------------------------------------


def compared(cases, folder):
    """k and l of every case, after both sides have said the same."""
    theirs = [by_pycanon(data, class_by) for data, class_by in cases]
    ours = by_verifier(cases, folder)
    assert ours == theirs
    return [k for k, *_ in ours], [least for _, least, _ in ours]


def by_pycanon(data, class_by):
    outcomes = [name for name in data if name not in class_by]
    known = data.astype("string").fillna(MISSING).astype(object)
    joined = known[outcomes].agg("\x1f".join, axis=1)
    known = known[class_by].assign(outcomes=joined)
    return (
        k_anonymity(known, class_by),
        l_diversity(known, class_by, ["outcomes"]),
        len(known.drop_duplicates(class_by)),
    )


def by_verifier(cases, folder):
    asked = []
    for number, (data, class_by) in enumerate(cases):
        path = folder / f"{number:03}.parquet"
        data.to_parquet(path, index=False)
        asked.append({"path": str(path), "class_by": class_by})
    done = subprocess.run(
        [OURS, "-m", "tests.oracles.measure_files"],
        input=json.dumps(asked),
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert [one["class_by"] for one in measured] == [class_by for _, class_by in cases]
    return [
        (one["k_measured"], one["fewest_distinct_outcomes_in_a_class"], one["classes"]) for one in measured
    ]


# --- files ----------------------------------------------------------------------------------------------


def frame(rows, class_by, outcomes):
    return pd.DataFrame(rows, columns=[*class_by, *outcomes], dtype=object)


def random_case(chance):
    """A file of 1–1,200 rows whose classes are of many sizes: few or many columns, values, missing ones."""
    class_by = [f"known {n}" for n in range(chance.randint(1, 4))]
    outcomes = [f"outcome {n}" for n in range(chance.randint(1, 3))]
    rows = round(10 ** chance.uniform(0, 3.08))
    classes = chance.choice([1, 2, 5, max(1, rows // 20), max(1, rows // 6)])
    missing = chance.choice([0, 0, 0.02, 0.2])
    # Every class is written out `rows // classes` times or so, which puts k near the threshold as well.
    made = [tuple(value(chance, missing) for _ in class_by) for _ in range(classes)]
    kinds = chance.randint(1, 6)
    data = [(*made[n % classes], *(value(chance, missing, kinds) for _ in outcomes)) for n in range(rows)]
    chance.shuffle(data)
    names = [*class_by, *outcomes]
    chance.shuffle(names)
    return frame(data, class_by, outcomes)[names], class_by


def value(chance, missing, kinds=9):
    return None if chance.random() < missing else str(chance.randrange(kinds))
