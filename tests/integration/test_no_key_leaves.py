"""A planted key is searched for, in every form it could take, in all that a night leaves and prints."""

from __future__ import annotations

import base64
import io
import json
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.identity.keys import Keys, ProjectKey, create_master
from tests.integration.conftest import House

pytestmark = pytest.mark.slow

MASTER, PROJECT = (bytes((at * step + 91) % 251 for at in range(32)) for step in (7, 11))
PURPOSES = ("wrap project keys", "pseudonyms of persons")


@dataclass
class Nights:
    """What was done, under which key, and what it said."""

    house: House
    key: ProjectKey
    done: list[subprocess.CompletedProcess[str]]


def planted(house: House, monkeypatch: pytest.MonkeyPatch) -> ProjectKey:
    """The demo's master and its project's key, both of bytes that we know."""
    shutil.rmtree(house.data / "keys")
    known, real = iter((MASTER, PROJECT)), secrets.token_bytes
    monkeypatch.setattr(secrets, "token_bytes", lambda size: next(known) if size == 32 else real(size))
    create_master(house.data / "keys", demo=True)
    key = Keys(house.data / "keys").project_key("demo")
    assert key.secret._value == PROJECT
    return key


def forms(secret: bytes) -> set[bytes]:
    """The bytes as a file, a log or a plan could hold them."""
    inside = [
        base64.b64encode(bytes(shift) + secret)[4:-4] for shift in range(3)
    ]  # wherever in a longer text
    return {
        secret,
        secret[::-1],
        secret.hex().encode(),
        secret.hex().upper().encode(),
        base64.urlsafe_b64encode(secret).rstrip(b"="),
        *inside,
        repr(secret)[2:-1].encode(),
        str(list(secret)).encode(),
        str(int.from_bytes(secret)).encode(),
    }


def readable(content: bytes) -> bytes:
    """What can be read in a file: Parquet's pages are compressed, so its values are written out too."""
    if content[:4] != b"PAR1":
        return content
    return content + pl.read_parquet(io.BytesIO(content)).write_ndjson().encode()


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory, invented: Path, small_request: Path) -> Nights:
    """A night under the planted keys, everything an operator may do with keys, and another night."""
    house = House(tmp_path_factory.mktemp("planted") / "data", {"UTTREKK_REQUESTS": str(small_request)})
    shutil.copytree(invented, house.data)
    with pytest.MonkeyPatch.context() as patched:
        key = planted(house, patched)
    typed = [
        ["run"],
        ["keys", "list"],
        ["keys", "check"],
        ["keys", "create", "--project", "demo", "--new-epoch"],
        ["keys", "rotate"],
        ["run"],
        ["keys", "destroy", "--project", "demo", "--epoch", "1", "--yes"],
        ["keys", "destroy", "--project", "other", "--yes"],
    ]
    return Nights(house, key, [house.uttrekk(*words) for words in typed])


def test_every_command_did_what_it_was_told(nights: Nights) -> None:
    """Destroying what is not there is refused, and says so."""
    told = [done.returncode for done in nights.done]
    assert told == [0] * 7 + [16], [done.stderr for done in nights.done]
    assert nights.key.id in nights.done[1].stdout  # what a key is called may be told


def test_no_key_is_in_a_file_a_log_a_plan_or_what_is_printed(nights: Nights) -> None:
    data = nights.house.data
    secret = [MASTER, PROJECT, *(nights.key.secret.subkey(purpose) for purpose in PURPOSES)]
    searched = {path: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()}
    assert any("dagster" in str(path) for path in searched)
    assert any(path.name == "demo.json" and path.parent.name == "projects" for path in searched)
    everything = {str(path.relative_to(data)): readable(content) for path, content in searched.items()}
    everything["what was printed"] = "".join(done.stdout + done.stderr for done in nights.done).encode()
    for name, content in everything.items():
        hits = [form for each in secret for form in forms(each) if form in content]
        assert not hits, f"a key is in {name}"


def test_every_manifest_names_its_key_and_epoch_and_no_pseudonym_is_in_both(nights: Nights) -> None:
    versions = sorted(nights.house.data.glob("releases/demo/*+*"), key=lambda path: _told(path)["number"])
    now = Keys(nights.house.data / "keys").project_key("demo")
    assert [_told(path)["key"] for path in versions] == [
        {"id": nights.key.id, "epoch": 1},
        {"id": now.id, "epoch": 2},
    ]
    one, other = (set(pl.read_parquet(path / "data" / "person.parquet")["pseudonym"]) for path in versions)
    assert len(one) == len(other) > 0 and not one & other


def _told(version: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((version / "manifest.json").read_text())
    return manifest


def test_the_search_finds_a_key_in_each_form() -> None:
    """The test of the test."""
    around = b"padding" * 3
    assert all(form in around + form + around for form in forms(MASTER))
    for text in (base64.b64encode(around + MASTER), base64.b64encode(b"x" + MASTER + b"yz")):
        assert any(form in text for form in forms(MASTER))
