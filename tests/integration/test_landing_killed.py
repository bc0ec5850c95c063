"""A landing killed whenever it asks the disk to keep something."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pipeline.config import Settings
from pipeline.landing import land_case_system, land_deliveries, observation, observe
from tests.case_system_files import make_case_system

AS_OF = date(2025, 3, 1)
ROOT = Path(__file__).parents[2]
POPULATION = b"ident,aar,status,statusdato,bostedskommune\n01819012345,2012,bosatt,,0301\n"

KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from pipeline import landing, tables
from pipeline.config import Settings

left, real = int(sys.argv[4]), os.fsync
def fsync(descriptor):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    real(descriptor)
os.fsync = fsync
data, source, deliveries = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
settings = Settings(data=data, case_system=source, deliveries=deliveries, keys=Path("k"))
as_of = date(2025, 3, 1)
landed = landing.land_deliveries(settings, as_of) | landing.land_case_system(settings, as_of)
landing.observe(settings, as_of, landed)
"""


@pytest.mark.parametrize("synced", [1, 2, 3, 5, 8, 40])
def test_a_killed_landing_leaves_whole_snapshots_or_none_and_the_next_finishes(tmp_path, synced):
    source, deliveries = make_case_system(tmp_path / "socio.duckdb", rows=5), tmp_path / "deliveries"
    deliveries.mkdir()
    settings = Settings(
        data=tmp_path / "data", case_system=f"duckdb://{source}", deliveries=deliveries, keys=tmp_path
    )
    (settings.deliveries / "BEFOLKNING_2012.csv").write_bytes(POPULATION)
    arguments = [settings.data, settings.case_system, settings.deliveries, synced]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, arguments)], cwd=ROOT, env=os.environ, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    for record in settings.landing.glob("[a-z]*/**/snapshot.json"):
        told = json.loads(record.read_text())
        kept = (record.parent / told["file"]).read_bytes()
        assert hashlib.sha256(kept).hexdigest() == told["sha256"]
    assert observation(settings, AS_OF) is None
    landed = land_deliveries(settings, AS_OF) | land_case_system(settings, AS_OF)
    assert observe(settings, AS_OF, landed).number == 1
    assert [p for p in settings.landing.glob(".staged/*")] == []
    assert all(snapshot.path.exists() for snapshot in landed.values())
