"""Where outputs may stand, and several tables that appear together in one folder or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from pipeline.disclosure.files import write_table
from pipeline.durable import sync
from pipeline.errors import SettingWrong

Check = Callable[[Mapping[str, Path]], object]


def refuse_folder(out: Path, names: Sequence[str], suffixes: Sequence[str]) -> None:
    """Refuse a place where something stands that is not what an earlier run of the same order wrote."""
    files = {f"{name}{suffix}" for name in names for suffix in suffixes}
    if not out.parent.is_dir():
        problem = f"{out.parent} is no folder."
    elif out.exists() and {path.name for path in out.iterdir()} - files:
        problem = f"{out} holds other files than these tables."
    else:
        return
    raise SettingWrong(
        problem, instead="Nothing was written.", do="Name a folder that does not stand yet: --out tables"
    )


def refuse_overwriting(out: Path, made_from: Sequence[Path]) -> None:
    """Refuse an output that is one of the files it is made from, by whatever name."""
    if out.exists() and any(out.samefile(path) for path in made_from):
        raise SettingWrong(
            "The output would take the place of what it is made from.",
            instead="Nothing was written.",
            do="Give another name with --out.",
        )


def write_tables(
    out: Path, frames: Mapping[str, pl.DataFrame], suffixes: Sequence[str], check: Check
) -> None:
    """Write each frame into the folder `out`, once for each suffix; the folder is its owner's alone.

    It appears whole, by one rename, after `check` has passed the files of each suffix, by name, as they were
    written; if that raises, nothing is left of it. The folder of an earlier run, which `refuse_folder` lets
    pass, is moved aside first and put back if anything goes wrong.
    """
    staged = Path(tempfile.mkdtemp(prefix=".staged.", dir=out.parent))
    aside = staged / "before"
    made = staged / "made"
    try:
        made.mkdir(mode=0o700)
        for suffix in suffixes:
            paths = {name: made / f"{name}{suffix}" for name in frames}
            for name, frame in frames.items():
                write_table(paths[name], frame, check=lambda _: None)
            check(paths)
        if out.exists():
            out.rename(aside)
        try:
            made.rename(out)
        except OSError:
            if aside.exists():
                aside.rename(out)
            raise
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    sync(out.parent)
