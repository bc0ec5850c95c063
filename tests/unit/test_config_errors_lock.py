"""Settings, the tree of errors, and one run at a time."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assets.run import INSTANCE_FILE, instance_home
from pipeline import errors
from pipeline.config import DemoWorld, Settings
from pipeline.errors import PipelineError, SettingWrong, StepFailed, StillRunning
from pipeline.lock import held

README = Path(__file__).resolve().parents[2] / "README.md"
KINDS = sorted(PipelineError.__subclasses__(), key=lambda kind: kind.exit_code)
OURS = [kind for kind in KINDS if kind.__module__ == errors.__name__]


def test_without_settings_everything_points_at_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({})

    assert settings.data == tmp_path / "data"
    assert settings.case_system == f"duckdb:///{tmp_path}/data/world/case_system.duckdb"
    assert settings.deliveries == tmp_path / "data/world/deliveries"


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "1.5"])
def test_a_number_that_is_no_number_says_what_to_type(wrong: str) -> None:
    with pytest.raises(SettingWrong, match="export UTTREKK_BATCH_ROWS="):
        Settings.from_environment({"UTTREKK_BATCH_ROWS": wrong})


def test_a_variable_set_to_nothing_is_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environment({"UTTREKK_DATA": "", "UTTREKK_KEYS": ""}) == Settings.from_environment(
        {}
    )


@pytest.mark.parametrize(
    ("environ", "told"),
    [({"UTTREKK_KEY": "/k"}, "UTTREKK_KEY is no setting"), ({"UTTREKK_DATA": "/a%b"}, "% sign")],
)
def test_a_setting_that_cannot_be_meant_is_refused(environ: dict[str, str], told: str) -> None:
    with pytest.raises(SettingWrong, match=told):
        Settings.from_environment(environ)


def test_what_was_invented_is_told_with_all_that_is_not_as_usual() -> None:
    usual = DemoWorld(seed=7, persons=13_000, as_of=date(2025, 3, 1), code="c")
    assert usual.told == "13,000 persons (seed 7)"
    wider = replace(usual, municipalities=3, errors=2.0)
    assert wider.told == "13,000 persons (seed 7, 2 other municipalities, error rates x 2)"


def test_the_demo_is_the_demo_only_when_it_is_what_is_read(tmp_path: Path) -> None:
    world = tmp_path / "world"
    world.mkdir()
    facts = DemoWorld(seed=1, persons=1, as_of=date(2025, 3, 1), code="c")
    (world / "demo.json").write_text(facts.text(), "utf-8")
    here = {"UTTREKK_DATA": str(tmp_path)}

    assert Settings.from_environment(here).demo() == facts
    elsewhere = {"UTTREKK_CASE_SYSTEM": "postgresql://reader@db.example.no/socio"}
    assert Settings.from_environment(here | elsewhere).demo() is None
    assert Settings.from_environment(here | {"UTTREKK_DELIVERIES": "/srv/deliveries"}).demo() is None


def test_dagsters_configuration_may_be_a_link_to_ours(tmp_path: Path) -> None:
    settings = Settings.from_environment({"UTTREKK_DATA": str(tmp_path)})
    (tmp_path / "dagster").mkdir()
    (tmp_path / "dagster" / "dagster.yaml").symlink_to(INSTANCE_FILE)
    before = INSTANCE_FILE.read_bytes()

    assert (instance_home(settings) / "dagster.yaml").read_bytes() == before == INSTANCE_FILE.read_bytes()


def test_each_kind_of_error_has_an_exit_code_of_its_own() -> None:
    codes = [kind.exit_code for kind in OURS]
    assert len(set(codes)) == len(codes)
    assert PipelineError.exit_code not in codes


def test_the_readme_lists_every_exit_code_with_its_meaning() -> None:
    listed = dict(re.findall(r"^\| (\d+) \| (.+) \|$", README.read_text("utf-8"), re.M))
    assert listed == {str(kind.exit_code): (kind.__doc__ or "").splitlines()[0] for kind in OURS}


def test_an_error_nobody_foresaw_tells_the_place_and_never_the_text() -> None:
    try:
        Settings.from_environment({"UTTREKK_DATA": "a\0b"})
    except ValueError as error:
        text = str(StepFailed("reading settings", error))

    assert re.search(r"ValueError at pipeline/config\.py:\d+", text)
    assert "null" not in text  # the library's own words: "embedded null byte"


def test_a_second_run_is_turned_away_at_once(tmp_path: Path) -> None:
    other = (
        f"from pathlib import Path; from pipeline.lock import held\nwith held(Path({str(tmp_path)!r})): pass"
    )
    with held(tmp_path):
        turned_away = subprocess.run(
            [sys.executable, "-c", other], capture_output=True, text=True, check=False
        )
    let_in = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=False)

    assert StillRunning.__name__ in turned_away.stderr
    assert let_in.returncode == 0


def test_a_run_that_is_killed_lets_go_of_the_lock(tmp_path: Path) -> None:
    killed = (
        "import os, signal; from pathlib import Path; from pipeline.lock import held\n"
        f"with held(Path({str(tmp_path)!r})): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -9
    with held(tmp_path):
        pass
