"""What the project installs and commits: nothing unpinned, nothing of the machine it was written on."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = [
    "requirements.lock",
    "tests/requirements.lock",
    "notebooks/requirements.lock",
    "tests/oracles.lock",
    "tests/attackers.lock",
]

# One requirement: its first line and the indented lines below it.
REQUIREMENT = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]+\])?(?P<rest>\S*.*(?:\n[ \t].*)*)", re.MULTILINE
)


def requirements(lock):
    return [match.groupdict() for match in REQUIREMENT.finditer((ROOT / lock).read_text(encoding="utf-8"))]


def committed_files():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def imported_by(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock):
    assert requirements(lock)
    for requirement in requirements(lock):
        assert requirement["rest"].startswith("=="), requirement["name"]
        assert "--hash=sha256:" in requirement["rest"], requirement["name"]


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_where_packages_come_from(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    options = [line for line in text.splitlines() if line.startswith("-")]
    assert "://" not in text
    assert not options


def test_the_core_is_without_pandas():
    names = {requirement["name"].lower() for requirement in requirements("requirements.lock")}
    assert "polars" in names
    assert not names & {"pandas", "dagster-pandas", "dagster-pandera", "dagster-polars", "dagster-duckdb"}


def test_every_direct_dependency_is_in_its_lock():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = {
        "requirements.lock": project["project"]["dependencies"],
        "tests/requirements.lock": groups["test"],
        "notebooks/requirements.lock": groups["notebooks"],
        "tests/oracles.lock": groups["oracles"],
        "tests/attackers.lock": groups["attackers"],
    }
    assert list(wanted) == LOCKS
    for lock, direct in wanted.items():
        locked = {requirement["name"].lower() for requirement in requirements(lock)}
        assert {re.match(r"[A-Za-z0-9._-]+", each).group().lower() for each in direct} <= locked


def test_test_tools_leave_the_core_as_it_is():
    def pins(lock):
        return {(each["name"], each["rest"].split()[0]) for each in requirements(lock)}

    core, tools = pins("requirements.lock"), pins("tests/requirements.lock")
    core_names = {name for name, _ in core}
    assert {pin for pin in tools if pin[0] in core_names} <= core


def test_no_committed_file_names_a_package_host_or_a_path_of_one_machine():
    # Put together here, so that this file does not name them either.
    forbidden = re.compile(
        "|".join(
            [
                r"pypi\." + r"org",
                r"files\.python" + r"hosted",
                "index" + "-url",
                "find" + "-links",
                r"/sim" + r"ple\b",
                r"(?<![\w.])/" + r"(?:work|home|root)/",
            ]
        )
    )
    for path in committed_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found = forbidden.search(text)
        assert not found, f"{path.relative_to(ROOT)} names {found.group()}"


def test_only_assets_imports_dagster():
    offenders = [
        str(path.relative_to(ROOT))
        for floor in ("pipeline", "schemas", "notebooks")
        for path in (ROOT / floor).rglob("*.py")
        if any(name.split(".")[0].startswith("dagster") for name in imported_by(path))
    ]
    assert not offenders


@pytest.mark.parametrize("target", ["check", "test"])
def test_make_keeps_the_import_contracts(target):
    would_run = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "lint-imports" in would_run.stdout
