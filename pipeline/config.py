"""Settings, read once from the environment, and where each zone lives. No other file reads `environ`."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipeline.errors import SettingWrong

PRIVATE = 0o700
DEMO_FILE = "demo.json"
WORLD_FOLDER = "world"
PASSED = "passed"
QUARANTINE = "quarantine"
UNLINKED = "unlinked"


@dataclass(frozen=True)
class Settings:
    """Where things are and how much they may use.

    `case_system` is a URL: `duckdb:///path/to/file.duckdb` or `postgresql://user@host/database`. A
    password belongs in a password file (PGPASSFILE), never in the URL. `memory_limit` bounds DuckDB;
    `batch_rows` bounds what is validated at a time.
    """

    data: Path
    case_system: str
    deliveries: Path
    keys: Path
    case_system_map: Path | None = None
    requests: Path | None = None
    batch_rows: int = 250_000
    memory_limit: str = "1GB"
    threads: int = 2

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Settings from `UTTREKK_*`; what is not set points at the demo's invented municipality."""
        data = Path(environ.get("UTTREKK_DATA", "data")).resolve()
        world = data / WORLD_FOLDER
        optional = {k: Path(environ[v]) for k, v in _OPTIONAL_PATHS.items() if environ.get(v)}
        return cls(
            data=data,
            case_system=environ.get("UTTREKK_CASE_SYSTEM", f"duckdb:///{world / 'case_system.duckdb'}"),
            deliveries=Path(environ.get("UTTREKK_DELIVERIES", str(world / "deliveries"))),
            keys=Path(environ.get("UTTREKK_KEYS", str(data / "keys"))),
            batch_rows=_whole_number(environ, "UTTREKK_BATCH_ROWS", cls.batch_rows),
            memory_limit=environ.get("UTTREKK_MEMORY_LIMIT", cls.memory_limit),
            threads=_whole_number(environ, "UTTREKK_THREADS", cls.threads),
            **optional,
        )

    @property
    def landing(self) -> Path:
        """Snapshots exactly as received: direct identifiers."""
        return private_folder(self.data / "landing")

    @property
    def restricted(self) -> Path:
        """Typed rows, quarantine, ledger, withdrawals: direct identifiers."""
        return private_folder(self.data / "restricted")

    @property
    def core(self) -> Path:
        """Keyed by the internal person key; no direct identifier."""
        return private_folder(self.data / "core")

    @property
    def linked(self) -> Path:
        """What DuckDB joins."""
        return private_folder(self.data / "linked")

    @property
    def releases(self) -> Path:
        """What projects read."""
        return _folder(self.data / "releases")

    @property
    def reports(self) -> Path:
        """What people look at; outside the zones, under the strictest rule."""
        return _folder(self.data / "reports")

    def table_folder(self, zone: str, name: str) -> Path:
        """Where a table's parts stand in a zone; `restricted` means the rows that passed."""
        roots = {"restricted": self.restricted / PASSED, "core": self.core}
        return roots[zone] / name

    @property
    def world(self) -> Path:
        """The invented municipality's sources."""
        return self.data / WORLD_FOLDER

    def demo(self) -> DemoWorld | None:
        """The invented world under this data root, or None."""
        path = self.world / DEMO_FILE
        return DemoWorld.read(path) if path.exists() else None


@dataclass(frozen=True)
class DemoWorld:
    """What was invented: enough to tell whether it is the world asked for."""

    seed: int
    persons: int
    as_of: date
    code: str

    @classmethod
    def read(cls, path: Path) -> DemoWorld:
        """From `demo.json`."""
        facts = json.loads(path.read_text("utf-8"))
        return cls(**(facts | {"as_of": date.fromisoformat(facts["as_of"])}))

    def text(self) -> str:
        """As `demo.json` holds it."""
        return json.dumps(self.__dict__ | {"as_of": self.as_of.isoformat()}, indent=1, sort_keys=True) + "\n"


_OPTIONAL_PATHS = {"case_system_map": "UTTREKK_CASE_SYSTEM_MAP", "requests": "UTTREKK_REQUESTS"}


def private_folder(path: Path) -> Path:
    """Make the folder readable by its owner only, with every folder above it that is made on the way."""
    if not path.parent.exists():
        private_folder(path.parent)
    path.mkdir(mode=PRIVATE, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(PRIVATE)
    return path


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _whole_number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise SettingWrong(
            f"{name} must be a whole number above zero.",
            instead="Nothing was run.",
            do=f"Try: export {name}={default}",
        )
    return int(text)


@cache
def code_version() -> str:
    """The package's version and a hash of every source file of `schemas` and `pipeline`.

    What a step has made is reused only under the same code.
    """
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parent.parent
    for floor in ("schemas", "pipeline"):
        for path in sorted((root / floor).rglob("*")):
            if path.suffix in {".py", ".sql", ".j2", ".yaml", ".css"}:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    try:
        number = version("uttrekk")
    except PackageNotFoundError:
        number = "0"
    return f"{number}+{digest.hexdigest()[:16]}"


def environment() -> Mapping[str, str]:
    """The process's environment: the one place that touches it."""
    return os.environ
