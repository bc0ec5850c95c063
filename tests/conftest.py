"""Fixtures that need a program from outside: a real PostgreSQL, a real browser.

Also read by the environments of `tests/oracles` and `tests/notebooks`: only pytest and the standard library
are imported at the top.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import pytest

if importlib.util.find_spec("hypothesis"):
    import hypothesis

    # The first example pays for imports and compiled queries; a deadline would only measure the machine.
    hypothesis.settings.register_profile("uttrekk", deadline=None, print_blob=True)
    hypothesis.settings.load_profile("uttrekk")


# --- programs that may be missing -----------------------------------------------------------------------


def skip_or_fail(program: str, package: str, required_by: str) -> NoReturn:
    """Skip by name on a machine without `program`; fail where the environment says it must be there."""
    reason = f"{program} is not installed: apt-get install {package}"
    if os.environ.get(required_by) == "1":
        pytest.fail(f"{reason} ({required_by}=1)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium. As root it starts only with `--no-sandbox`."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    skip_or_fail("Chromium", "chromium", "UTTREKK_REQUIRE_CHROMIUM")


@dataclass(frozen=True)
class Postgres:
    """A running server of this test session, reached through a socket in a folder of its own."""

    folder: Path
    port: int
    user: str = "uttrekk"

    @property
    def uri(self) -> str:
        return self.uri_of("postgres")

    def uri_of(self, database: str) -> str:
        folder = quote(str(self.folder), safe="")
        return f"postgresql:///{quote(database)}?host={folder}&port={self.port}&user={self.user}"

    def uri_over_tcp(self, database: str = "postgres") -> str:
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{quote(database)}"

    def create_database(self, name: str) -> str:
        """Make an empty database and return its uri."""
        from adbc_driver_postgresql import dbapi

        quoted = name.replace('"', '""')
        with dbapi.connect(self.uri, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(f'create database "{quoted}"')
        return self.uri_of(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, empty, gone after the session. Every xdist worker has its own."""
    programs = _postgres_programs()
    if programs is None:
        skip_or_fail("PostgreSQL", "postgresql", "UTTREKK_REQUIRE_POSTGRES")
    # Not pytest's tmp_path: the path of a socket may have about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="uttrekk-pg-"))
    account = _account_for(folder)
    try:
        _initdb(programs, folder, account)
        server, port = _start(programs, folder, account)
        try:
            yield Postgres(folder=folder, port=port)
        finally:
            server.send_signal(signal.SIGINT)  # "fast shutdown": sessions are ended, not waited for
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_programs() -> Path | None:
    """The folder of initdb and postgres, the newest when there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _account_for(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as postgres or nobody, who gets the folder."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    pytest.fail(
        "PostgreSQL refuses to run as root, and there is no user 'postgres' or 'nobody'.", pytrace=False
    )


def _initdb(programs: Path, folder: Path, account: dict[str, Any]) -> None:
    made = subprocess.run(
        [
            programs / "initdb",
            *("--pgdata", folder / "data", "--username", Postgres.user, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ],
        cwd="/",  # an account of its own may not be able to read where we stand
        capture_output=True,
        text=True,
        check=False,
        **account,
    )
    if made.returncode:
        pytest.fail(f"initdb failed:\n{made.stderr}", pytrace=False)


def _start(programs: Path, folder: Path, account: dict[str, Any]) -> tuple[subprocess.Popen[bytes], int]:
    log = folder / "log"
    for _ in range(3):  # between asking for a free port and taking it, another worker may have it
        port = _free_port()
        with log.open("wb") as output:
            server = subprocess.Popen(
                [
                    programs / "postgres",
                    *("-D", folder / "data", "-k", folder, "-h", "127.0.0.1", "-p", str(port)),
                    *("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
                ],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **account,
            )
        if _is_ready(programs, folder, port, server):
            return server, port
        server.kill()
        server.wait()
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}", pytrace=False)


def _is_ready(programs: Path, folder: Path, port: int, server: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < deadline:
        asked = subprocess.run(
            [programs / "pg_isready", "-q", "-h", folder, "-p", str(port)], check=False, cwd="/"
        )
        if asked.returncode == 0:
            return True
        time.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- what was not run -----------------------------------------------------------------------------------


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A skipped test is said aloud, by name and reason: a green line must not hide it."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section(f"NOT RUN: {len(skipped)} skipped", sep="!", red=True, bold=True)
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.write_line(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")
