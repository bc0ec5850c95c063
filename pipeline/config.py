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
GROUP = 0o750
DEMO_FILE = "demo.json"
WORLD_FOLDER = "world"
PASSED = "passed"
QUARANTINE = "quarantine"
UNLINKED = "unlinked"


@dataclass(frozen=True)
class Settings:
    """Where things are and how much they may use.

    `case_system` is a URL: `duckdb:///path/to/file.duckdb` or `postgresql://user@host/database`. A
    password belongs in a password file (PGPASSFILE), never in the URL. `master_key` is the master key's
    file where it does not lie in `keys`: a secret mount's. `stewardship` is the file of stewards' decisions,
    `policy` the municipality's own policy of disclosure control, which may only be stricter than ours.
    `memory_limit` bounds DuckDB. `threads` is how many parts of a table are worked on at once: each of them
    validates at most `batch_rows` rows at a time, and re-keys a whole part.
    """

    data: Path
    case_system: str
    deliveries: Path
    keys: Path
    case_system_map: Path | None = None
    requests: Path | None = None
    master_key: Path | None = None
    stewardship: Path | None = None
    policy: Path | None = None
    batch_rows: int = 250_000
    memory_limit: str = "1GB"
    threads: int = 2

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Settings from `UTTREKK_*`; what is not set points at the demo's invented municipality."""
        environ = _known(environ)
        data = Path(environ.get("UTTREKK_DATA", "data")).resolve()
        if "%" in str(data):
            raise SettingWrong(
                "The data root's path holds a % sign, which Dagster's storage cannot take.",
                instead="Nothing was run.",
                do="Choose another folder: export UTTREKK_DATA=FOLDER",
            )
        world = data / WORLD_FOLDER
        optional = {k: Path(environ[v]) for k, v in _OPTIONAL_PATHS.items() if v in environ}
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
        """What projects read: the operator's group may, nobody else."""
        return _folder(self.data / "releases", GROUP)

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
        """The invented world, if that is what is being read: both sources lie in it. Else None."""
        path = self.world / DEMO_FILE
        theirs = (self.case_system.removeprefix("duckdb:///"), str(self.deliveries))
        inside = all(Path(source).resolve().is_relative_to(self.world) for source in theirs)
        return DemoWorld.read(path) if inside and path.exists() else None


@dataclass(frozen=True)
class DemoWorld:
    """What was invented: enough to tell whether it is the world asked for."""

    seed: int
    persons: int
    as_of: date
    code: str
    municipalities: int = 1
    errors: float = 1.0
    network_effect: float = 0.0
    promised: bool = False

    @property
    def told(self) -> str:
        """What was asked for, in words; what is as usual is not told."""
        beside = f", {self.municipalities - 1} other municipalities" if self.municipalities > 1 else ""
        rates = f", error rates x {self.errors:g}" if self.errors != 1 else ""
        return f"{self.persons:,} persons (seed {self.seed}{beside}{rates})"

    @classmethod
    def read(cls, path: Path) -> DemoWorld:
        """From `demo.json`."""
        facts = json.loads(path.read_text("utf-8"))
        return cls(**(facts | {"as_of": date.fromisoformat(facts["as_of"])}))

    def text(self) -> str:
        """As `demo.json` holds it."""
        return json.dumps(self.__dict__ | {"as_of": self.as_of.isoformat()}, indent=1, sort_keys=True) + "\n"


_OPTIONAL_PATHS = {
    "case_system_map": "UTTREKK_CASE_SYSTEM_MAP",
    "requests": "UTTREKK_REQUESTS",
    "master_key": "UTTREKK_MASTER_KEY",
    "stewardship": "UTTREKK_STEWARDSHIP",
    "policy": "UTTREKK_POLICY",
}
_NAMES = {
    *_OPTIONAL_PATHS.values(),
    *(f"UTTREKK_{n}" for n in ("DATA", "CASE_SYSTEM", "DELIVERIES", "KEYS", "BATCH_ROWS", "MEMORY_LIMIT")),
    *(f"UTTREKK_{n}" for n in ("THREADS", "REQUIRE_POSTGRES", "REQUIRE_CHROMIUM", "ADULT")),
}
# What decides a step's output beside our own code.
_ENGINES = ("duckdb", "pandera", "polars", "pyarrow", "vl-convert-python")


def private_folder(path: Path) -> Path:
    """Make the folder readable by its owner only, with every folder above it that is made on the way."""
    if not path.parent.exists():
        private_folder(path.parent)
    path.mkdir(mode=PRIVATE, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(PRIVATE)
    return path


def data_root(path: Path) -> Path:
    """Make the data root: its owner and group may enter, nobody else."""
    if not path.exists():
        path.mkdir(parents=True)
        path.chmod(GROUP)
    return path


def _folder(path: Path, mode: int = 0o755) -> Path:
    if not path.exists():
        path.mkdir(parents=True)
        path.chmod(mode)
    return path


def _known(environ: Mapping[str, str]) -> dict[str, str]:
    """Our variables that are set to something; one we do not know is likely a slip, and is refused."""
    ours = {name: value for name, value in environ.items() if name.startswith("UTTREKK_") and value}
    unknown = sorted(set(ours) - _NAMES)
    if unknown:
        raise SettingWrong(
            f"{unknown[0]} is no setting.",
            instead="Nothing was run.",
            do=f"The settings are {', '.join(sorted(_NAMES))}; take it away with: unset {unknown[0]}",
        )
    return ours


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
    """The package's version and a hash of every file of the two floors and the versions of the engines.

    What a step has made is reused only under the same code.
    """
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parent.parent
    for floor in ("schemas", "pipeline"):
        for path in sorted((root / floor).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    digest.update(repr([(engine, version(engine)) for engine in _ENGINES]).encode())
    try:
        number = version("uttrekk")
    except PackageNotFoundError:
        number = "0"
    return f"{number}+{digest.hexdigest()[:16]}"


def environment() -> Mapping[str, str]:
    """The process's environment: the one place that touches it."""
    return os.environ
