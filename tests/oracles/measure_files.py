"""Our side of the comparison: reads `[{"path", "class_by"}, ...]` as JSON, writes what the verifier measures.

Run with the project's own environment, from the repository's root; the oracles' environment has no DuckDB.
"""

import json
import sys
from pathlib import Path

from pipeline.disclosure.verify import measure

if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump([measure(Path(one["path"]), one["class_by"]) for one in asked], sys.stdout)
