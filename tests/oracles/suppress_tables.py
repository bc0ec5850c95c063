"""Our side of the comparison: reads matrices of counts as JSON, writes which cells of each are suppressed.

Run with the project's own environment, from the repository's root. A cell is a row and a column, null in a
margin.
"""

import json
import sys

import polars as pl

from pipeline.disclosure.suppression.protect import frequency
from pipeline.disclosure.tables import THRESHOLD, Marker


def suppressed(counts):
    rows = [(str(i), str(j)) for i, line in enumerate(counts) for j, n in enumerate(line) for _ in range(n)]
    frame = pl.DataFrame(rows, schema={"row": pl.String, "column": pl.String}, orient="row")
    answer = frequency(frame, {"table": ["row", "column"]})
    hidden = answer.tables["table"].filter(marker=Marker.SUPPRESSED)
    return {"best": answer.best, "hidden": hidden.select("row", "column").rows()}


if __name__ == "__main__":
    tables = json.load(sys.stdin)
    json.dump({"threshold": THRESHOLD, "tables": [suppressed(counts) for counts in tables]}, sys.stdout)
