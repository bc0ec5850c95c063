"""What the case system calls its tables and columns, where that differs from what the schemas declare.

Another municipality's Socio is described in a YAML file (setting `UTTREKK_CASE_SYSTEM_MAP`), without code.
Only what differs has to be written; what is not mentioned keeps the name declared in the schemas:

    schema: socio                # the schema the tables stand in (default: the connection's own)
    tables:
      person:                    # our name of the table
        source: T_PERSON         # the source's name, exactly as the database spells it
        columns:
          person_id: PERSON_NR   # our name of the column: the source's
        ignore: [ENDRET_AV]      # columns the source has beside those declared; known, and never read

The whole default, spelt out, is `examples/socio.yaml`. A name is only ever used as a quoted identifier, so
whatever a map holds, it cannot become a query. Tables that are never extracted cannot be mapped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import SettingWrong
from schemas import CASE_SYSTEM
from schemas.variable import Table, columns, facts, table_name


@dataclass(frozen=True)
class TableMap:
    """One table: the source's name, our column -> the source's column, and the columns passed over."""

    source: str
    columns: dict[str, str]
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceMap:
    """Every extracted table of the case system by our name, and the schema they stand in."""

    tables: dict[str, TableMap]
    schema: str | None = None


def extracted() -> tuple[type[Table], ...]:
    """The case system's tables that are read; the others are declared so that nobody asks again."""
    return tuple(table for table in CASE_SYSTEM if facts(table).extracted)


def default_map() -> SourceMap:
    """The names the schemas declare: Oslo's Socio."""
    return SourceMap(
        {
            table_name(table): TableMap(
                facts(table).source_name, {c.name: c.about.source_name for c in columns(table)}
            )
            for table in extracted()
        }
    )


def load_map(path: Path | None) -> SourceMap:
    """The map in `path`, on top of the default; the default alone where there is no file."""
    if path is None:
        return default_map()
    written = _read(path)
    _only(path, written, {"schema", "tables"}, "the file")
    tables = dict(default_map().tables)
    for name, changed in _mapping(path, written.get("tables"), "tables").items():
        if name not in tables:
            raise _wrong(path, f"there is no extracted table '{name}'.")
        tables[name] = _merged(path, name, tables[name], changed)
    _distinct(path, [t.source for t in tables.values()], "tables")
    schema = written.get("schema")
    return SourceMap(tables, None if schema is None else _name(path, schema, "schema"))


def _merged(path: Path, name: str, default: TableMap, changed: Any) -> TableMap:
    changed = _mapping(path, changed, name)
    _only(path, changed, {"source", "columns", "ignore"}, name)
    renamed = _mapping(path, changed.get("columns"), f"{name}.columns")
    for column in renamed:
        if column not in default.columns:
            raise _wrong(path, f"{name} has no column '{column}'.")
    names = default.columns | {c: _name(path, s, f"{name}.{c}") for c, s in renamed.items()}
    ignored = changed.get("ignore") or []
    if not isinstance(ignored, list):
        raise _wrong(path, f"{name}.ignore is not a list.")
    ignore = tuple(_name(path, i, f"{name}.ignore") for i in ignored)
    _distinct(path, [*names.values(), *ignore], name)
    merged = replace(default, columns=names, ignore=ignore)
    return replace(merged, source=_name(path, changed["source"], name)) if "source" in changed else merged


class _Strict(yaml.SafeLoader):
    """A key written twice is an error: otherwise the last one wins in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, "written twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def _read(path: Path) -> dict[str, Any]:
    try:
        return _mapping(path, yaml.load(path.read_text("utf-8"), _Strict), "the file")
    except OSError as error:
        raise _wrong(path, f"it cannot be read ({type(error).__name__}).") from None
    except UnicodeDecodeError:
        raise _wrong(path, "it is not UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _wrong(path, f"line {line} is not YAML, or says something twice.") from None
    # A date of month 13 is a ValueError; brackets in brackets in brackets recurse.
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        raise _wrong(path, "it is not YAML, or holds what is no name.") from None


def _mapping(path: Path, value: Any, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise _wrong(path, f"{where} is not a list of names and values.")
    return value


def _only(path: Path, value: dict[str, Any], allowed: set[str], where: str) -> None:
    for key in value:
        if key not in allowed:
            raise _wrong(path, f"'{key}' means nothing in {where}; known: {', '.join(sorted(allowed))}.")


def _name(path: Path, value: Any, where: str) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise _wrong(path, f"the name for {where} is not a text (write it in quotes).")
    return value


def _distinct(path: Path, names: list[str], where: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise _wrong(path, f"two names in {where} point to the same '{name}'.")


def _wrong(path: Path, what: str) -> SettingWrong:
    return SettingWrong(
        f"The map {path} cannot be used: {what}",
        instead="Nothing was read.",
        do="Correct it; pipeline/sources/examples/socio.yaml shows every name.",
    )
