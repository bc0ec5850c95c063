"""Our side: reads `[{"path", "class_by", "about"}, ...]` as JSON, writes how much is guessed right.

Run with the project's own environment, from the repository's root; the oracles' environments have none of it.
"""

import json
import sys

import polars as pl

from pipeline.disclosure.attacks.crowd import crowd
from pipeline.disclosure.attacks.inference import inference


def attacked(path: str, class_by: list[str], about: str) -> dict[str, float]:
    """The share of `about` that is guessed right, and that of persons who are held out."""
    found = inference(crowd(pl.read_csv(path, infer_schema=False), class_by, [about]), about)
    return {"right": found.rate, "held_out": found.control_right / found.controls}


if __name__ == "__main__":
    json.dump([attacked(**one) for one in json.load(sys.stdin)], sys.stdout)
