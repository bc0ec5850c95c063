"""Publishes in children that are killed at random moments, and looks at what each leaves. Run by its test.

A process of its own that forks: nothing but the standard library runs in a child, and one start of Python
serves every round.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from pipeline.releases.manifest import CHECKSUMS, sha256
from pipeline.releases.publish import CURRENT, STAGING, in_force, publish

FIRST = date(2025, 1, 1)
FILES = 12
FILE_BYTES = 20_000


def files_of(round_: int) -> dict[str, bytes]:
    chance = random.Random(round_)
    return {f"data/{n}.parquet": chance.randbytes(FILE_BYTES) for n in range(FILES)}


def certify(staged: Path) -> Mapping[str, bytes]:
    read = {path.name: sha256(path.read_bytes()) for path in sorted(staged.rglob("*.parquet"))}
    return {"certificate.json": json.dumps(read).encode()}


def publish_round(folder: Path, round_: int) -> bool:
    day = FIRST + timedelta(days=round_)
    return publish(files_of(round_), folder, f"v{round_}", day, certify).new


def is_whole(release: Path) -> bool:
    """Every file it lists is there and as listed, no other is, and they are the round's."""
    listed = dict(line.split("  ")[::-1] for line in (release / CHECKSUMS).read_text().splitlines())
    here = {
        path.relative_to(release).as_posix(): sha256(path.read_bytes())
        for path in release.rglob("*")
        if path.is_file() and path.name != CHECKSUMS
    }
    mine = {name: sha256(content) for name, content in files_of(int(release.name[1:].split("+")[0])).items()}
    return here == listed and mine.items() <= here.items()


def killed_after(folder: Path, round_: int, seconds: float) -> bool:
    """Publish in a child and kill it; whether it was still at work."""
    child = os.fork()
    if child == 0:
        publish_round(folder, round_)
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main(folder: Path, rounds: int, seed: int) -> dict[str, int]:
    """Count what was seen; raise where a version was half, an old one gone, or a rerun did not finish."""
    chance = random.Random(seed)
    started = time.perf_counter()
    publish_round(folder, 0)
    takes = time.perf_counter() - started
    seen = {"killed": 0, "staged": 0, "old": 0, "new": 0, "between": 0}
    for round_ in range(1, rounds + 1):
        seen["killed"] += killed_after(folder, round_, chance.uniform(0, takes))
        names = sorted(path.name for path in folder.iterdir())
        seen["staged"] += any(name.startswith(STAGING) for name in names)
        shown = [folder / name for name in names if "+" in name and not name.startswith(".")]
        told = json.loads((folder / CURRENT).read_bytes())["version"]
        appeared = any(path.name.startswith(f"v{round_}+") for path in shown)
        assert len(shown) == round_ + appeared, "an old version is gone"
        assert all(is_whole(path) for path in shown[-3:]), "a version is half"
        seen["new" if appeared else "old"] += 1
        assert told in {f"v{round_}", f"v{round_ - 1}"}, "another version is in force"
        assert appeared or told == f"v{round_ - 1}", "a version that does not stand is in force"
        seen["between"] += appeared and told == f"v{round_ - 1}"
        assert publish_round(folder, round_) is (told != f"v{round_}"), "the rerun did not finish"
        standing = in_force(folder)
        assert standing is not None and standing.version == f"v{round_}", "the rerun did not put it in force"
        left = [path.name for path in folder.iterdir() if path.name.startswith(".")]
        assert not left, "a leftover was not cleared"
    return seen


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
