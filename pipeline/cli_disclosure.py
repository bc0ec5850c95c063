"""The part of the roof that coarsens any table, and measures its risk: `uttrekk anonymise`, `uttrekk risk`.

Only `cli` imports it. What is printed are counts of classes and shares, never a value of anybody's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.errors import SettingWrong

if TYPE_CHECKING:
    import polars as pl

    from pipeline.disclosure.anonymise import Anonymised
    from pipeline.disclosure.risk import Risk

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
ROLE_FILE = """\b
The role file is YAML:
  k: 5                     at least so many rows alike; default 5
  suppression: 0.05        at most this share of the rows is left out; default 0.05
  mode: level              one level for each column (default); or class: less loss, levels by class
  blank: ["?"]             written for a missing value
  columns:
    age: {role: quasi, hierarchy: age.csv, weight: 2}
    sex: {role: quasi}
    diagnosis: {role: sensitive, distinct: 2, t: 0.2, adverse: [F20]}
    name: {role: direct}
    comment: {role: kept}
A policy has the lines k, suppression, t and distinct, each if it is wanted; the role file may ask for more.
A hierarchy is a CSV as ARX writes it, beside the role file: no header, a line for each value, the value
first and its parents after it: 34;30-39;*
"""


@click.command(
    epilog=ROLE_FILE
    + "\n\b\nExamples:\n  uttrekk anonymise persons.csv --roles roles.yaml --out coarse.csv\n"
    "  uttrekk anonymise persons.parquet --roles roles.yaml --out coarse.parquet\n"
    "  uttrekk anonymise persons.csv --roles roles.yaml --policy policy.yaml --out coarse.csv\n"
)
@click.argument("table", metavar="FILE", type=FILE)
@click.option("--roles", "role_file", metavar="YAML", required=True, type=FILE, help="What each column is.")
@click.option(
    "--out",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="What to write.",
)
@click.option("--policy", "policy_file", metavar="YAML", type=FILE, help="What every role file is held to.")
def anonymise(table: Path, role_file: Path, out: Path, policy_file: Path | None) -> None:
    """Coarsen a CSV or Parquet table until it meets its disclosure targets.

    Direct identifiers are left out, quasi-identifiers are exchanged for coarser values along their
    hierarchies, rows whose class still misses a target are left out, and the rest is sorted. Nothing is
    written when the targets cannot be met. That they are met does not make a table anonymous: a person
    decides that.
    """
    from pipeline.disclosure import policy
    from pipeline.disclosure.anonymise import anonymise as coarsened
    from pipeline.disclosure.files import read_table, write_table
    from pipeline.disclosure.roles import asked, load
    from pipeline.disclosure.verify_engine import verify

    roles = load(role_file)
    must_hold = asked(roles, role_file.parent)
    made_from = [table, role_file, *must_hold.hierarchies.values()]
    _refuse_overwriting(out, [*made_from, policy_file] if policy_file else made_from)
    if policy_file:
        roles = policy.held_to(roles, policy.load(policy_file))
        must_hold = asked(roles, role_file.parent)
    made = coarsened(read_table(table), roles, role_file.parent)
    write_table(out, made.rows, check=lambda staged: verify(table, staged, must_hold))
    click.echo(f"{out} meets: {roles.targets().in_words()}; measured again in the file as written.")
    for line in _cost_in_words(made):
        click.echo(f"  {line}")
    click.echo(f"Next: uttrekk risk {out} --roles {role_file}")


@click.command(
    epilog="\b\nExamples:\n  uttrekk risk coarse.parquet --roles roles.yaml\n"
    "  uttrekk risk coarse.csv --roles roles.yaml --population register.csv\n"
    "  uttrekk risk demo                        the newest published version of a request\n"
)
@click.argument("what", metavar="FILE|RELEASE")
@click.option("--roles", "role_file", metavar="YAML", type=FILE, help="What each column of FILE is.")
@click.option("--population", metavar="FILE", type=FILE, help="Everybody who could be meant, coded alike.")
def risk(what: str, role_file: Path | None, population: Path | None) -> None:
    """Measure the risk in a CSV or Parquet table as it stands, or in the coarsened files of a release.

    The role file is that of `uttrekk anonymise`; a direct identifier may be gone. A release, named by its
    request or its folder, needs none. With --population the risks count how many persons there are who could
    be meant; without it, only those in the table.
    """
    from pipeline.disclosure.files import read_table

    everybody = read_table(population) if population else None
    if Path(what).is_file():
        if role_file is None:
            raise SettingWrong(
                "A file does not say which of its columns could single somebody out.",
                instead="Nothing was measured.",
                do=f"Name a role file: uttrekk risk {what} --roles roles.yaml",
            )
        _show(what, _risk_of_file(Path(what), role_file, everybody))
        click.echo(
            f"Next: to lower it, ask for more in {role_file}, and coarsen what it was made from again."
        )
        return
    for path in _coarsened_files(what):
        _show(str(path), _risk_of_release(path, everybody))
    click.echo("Next: uttrekk verify, with the same request or folder")


def _refuse_overwriting(out: Path, made_from: list[Path]) -> None:
    """Refuse an output that is one of the files it is made from, by whatever name."""
    if out.exists() and any(path.exists() and out.samefile(path) for path in made_from):
        raise SettingWrong(
            "The output would take the place of what it is made from.",
            instead="Nothing was written.",
            do="Give another name: --out coarse.parquet",
        )


def _risk_of_file(path: Path, role_file: Path, everybody: pl.DataFrame | None) -> Risk:
    from pipeline.disclosure.files import read_table
    from pipeline.disclosure.risk import measure
    from pipeline.disclosure.roles import Role, load

    roles, frame = load(role_file), read_table(path)
    roles.without_direct(frame.columns).refuse_strangers(frame.columns)
    sensitive, blanks = roles.targets().sensitive, roles.blank
    return measure(frame, roles.named(Role.QUASI), sensitive, blanks=blanks, population=everybody)


def _risk_of_release(path: Path, everybody: pl.DataFrame | None) -> Risk:
    """Roles from the schemas: what singles out is quasi, and every other column is what a class may tell."""
    from pipeline.disclosure.coarsen import quasi_identifiers
    from pipeline.disclosure.engine.targets import Sensitive
    from pipeline.disclosure.files import read_table
    from pipeline.disclosure.risk import measure

    frame = read_table(path)
    quasi = quasi_identifiers(frame.columns)
    told = [Sensitive(name=name, distinct=1) for name in frame.columns if name not in quasi]
    return measure(frame, quasi, told, population=everybody)


def _coarsened_files(what: str) -> list[Path]:
    """The coarsened data files of a release: of the folder, or of the request's version in force."""
    from pipeline.config import Settings, environment
    from pipeline.identity.usable import OutputKind
    from pipeline.releases.data_files import FOLDER
    from pipeline.requests.request import tables_of
    from pipeline.summary import releases

    folder = Path(what)
    if not folder.is_dir():
        settings = Settings.from_environment(environment())
        versions = [r.folder for r in releases(settings) if r.request == what]
        folder = versions[-1] if versions else folder
    places = [folder / FOLDER / f"{name}.parquet" for name in tables_of(OutputKind.COARSENED)]
    found = [path for path in places if path.is_file()]
    if not found:
        raise SettingWrong(
            "That is neither a file, nor a release with a coarsened file.",
            instead="Nothing was measured.",
            do="Give a file and its roles, or a request; see what has been published with: uttrekk status",
        )
    return found


def _show(what: str, measured: Risk) -> None:
    click.echo(f"{what}:")
    for line in _risk_in_words(measured):
        click.echo(f"  {line}")


def _cost_in_words(made: Anonymised) -> list[str]:
    cost = made.cost
    how = "levels by class, found greedily"
    if made.optimal is not None:
        how = "no other choice of levels loses less"
        if not made.optimal:
            how = f"not shown to be the least; no choice of levels loses less than {made.bound:.4f}"
    out = f"{cost.suppressed / cost.rows:.2%} left out"
    lines = [
        f"rows: {cost.rows - cost.suppressed:,} of {cost.rows:,} ({out})",
        f"loss: {cost.loss:.4f}, where 0 is every detail and 1 none ({how})",
        f"classes: {cost.classes:,}, smallest {cost.smallest_class:,}, mean {cost.mean_class:.1f} rows; "
        f"a row is alike to {cost.discernibility:,.0f} on average",
    ]
    for name, loss in cost.by_attribute.items():
        level = "" if made.levels is None else f", level {made.levels[name]}"
        lines.append(f"{name}: loss {loss:.4f}{level}")
    return lines


def _risk_in_words(measured: Risk) -> list[str]:
    lines = [
        f"rows: {measured.rows:,} in {measured.classes:,} classes",
        f"k: {measured.k}",
        f"uniques: {measured.uniques:,} ({measured.uniques / measured.rows:.2%} of the rows)",
        f"prosecutor risk: highest {measured.prosecutor.highest:.4f}, mean {measured.prosecutor.mean:.4f}",
    ]
    if measured.journalist is not None:
        lines.append(
            f"journalist risk: highest {measured.journalist.highest:.4f}, mean {measured.journalist.mean:.4f}"
        )
        lines.append(f"uniques in the population: {measured.population_uniques:,}")
        lines.append(f"marketer risk: {measured.marketer:.4f}")
    else:
        lines.append(
            f"journalist risk: at most {measured.prosecutor.highest:.4f}; give --population to measure it"
        )
        lines.append(f"marketer risk: at most {measured.marketer:.4f}; give --population to measure it")
    for told in measured.told:
        line = f"{told.name}: l = {told.distinct} distinct values, t = {told.furthest:.4f}"
        if told.one_sided is not None:
            line += f", classes with only adverse values: {told.one_sided:,}"
        lines.append(line)
    return lines
