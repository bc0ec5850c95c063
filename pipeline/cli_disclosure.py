"""The part of the roof that coarsens any table: `uttrekk anonymise`.

Only `cli` and `cli_risk` import it. What is printed are counts of classes and shares, never a value of
anybody's.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.errors import SettingWrong

if TYPE_CHECKING:
    import polars as pl

    from pipeline.disclosure.anonymise import Anonymised
    from pipeline.disclosure.engine.hierarchy import Hierarchy
    from pipeline.disclosure.policy import Policy
    from pipeline.disclosure.roles import Roles
    from pipeline.requests.request import Bilingual

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
ROLE_FILE = """\b
The role file is YAML:
  k: 5                     at least so many rows alike; default 5
  suppression: 0.05        at most this share of the rows is left out; default 0.05
  mode: level              one level for each column (default); or class: less loss, levels by class
  blank: ["?"]             written for a missing value
  household: home          rows with one value of that column count as one in k: a family does not hide its
                           own; an empty cell is a household alone; the column is never passed on
  columns:
    age: {role: quasi, hierarchy: age.csv, weight: 2, coarsest: 3}   # never above level 3
    sex: {role: quasi}
    diagnosis: {role: sensitive, distinct: 2, t: 0.2, adverse: [F20]}
    name: {role: direct}
    comment: {role: kept}
A policy has the lines k, suppression, t and distinct, each if it is wanted; the role file may ask for more.
It may limit attacks too (inference: 0.1 ...): where one comes further, nothing is written.
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
    from pipeline.disclosure.in_words import cost_in_words
    from pipeline.disclosure.roles import asked, load
    from pipeline.disclosure.verify_engine import verify

    before = read_table(table)
    roles = load(role_file)
    must_hold = asked(roles, role_file.parent)
    made_from = [table, role_file, *must_hold.hierarchies.values()]
    refuse_overwriting(out, [*made_from, policy_file] if policy_file else made_from)
    demanded = policy.load(policy_file) if policy_file else None
    if demanded is not None:
        roles = policy.held_to(roles, demanded, rows=before.height)
        must_hold = asked(roles, role_file.parent)
    made = coarsened(before, roles, role_file.parent)
    told = cost_in_words(made)

    def check(staged: Path) -> None:
        homes = None if made.homes is None else made.homes.to_frame()
        verify(table, staged, replace(must_hold, levels=made.levels), homes)
        # Measured before the file gets its name: what fails here has written nothing.
        told.extend(_measured_in_words(before, made, roles, role_file.parent, demanded))

    write_table(out, made.rows, check)
    click.echo(f"{out} meets: {roles.targets().in_words()}; measured again in the file as written.")
    for line in told:
        click.echo(f"  {line}")
    click.echo(f"Next: uttrekk risk {out} --roles {role_file}")


def refuse_overwriting(out: Path, made_from: list[Path]) -> None:
    """Refuse an output that is one of the files it is made from, by whatever name."""
    if out.exists() and any(path.exists() and out.samefile(path) for path in made_from):
        raise SettingWrong(
            "The output would take the place of what it is made from.",
            instead="Nothing was written.",
            do="Give another name: --out coarse.parquet",
        )


def about_household(column: str) -> Bilingual:
    from pipeline.disclosure.certificate_text import HOUSEHOLD_COLUMN
    from pipeline.requests.request import Bilingual

    nb, en = (words.format(column=column) for words in (HOUSEHOLD_COLUMN.nb, HOUSEHOLD_COLUMN.en))
    return Bilingual(nb=nb, en=en)


def hierarchies_of(roles: Roles, folder: Path) -> dict[str, Hierarchy]:
    from pipeline.disclosure.files import read_hierarchy
    from pipeline.disclosure.roles import Role

    named = {name: roles.columns[name].hierarchy for name in roles.named(Role.QUASI)}
    return {name: read_hierarchy(folder / file, name) for name, file in named.items() if file}


def _measured_in_words(
    before: pl.DataFrame, made: Anonymised, roles: Roles, folder: Path, demanded: Policy | None
) -> list[str]:
    """What is left to say in the coarsened rows, and whom what is passed on as it is leaves alone.

    They are attacked too where a policy is `demanded`: NotVerified where one comes further than it may.
    """
    from pipeline.disclosure.attacks.limits import refuse_beyond
    from pipeline.disclosure.evidence import Homes, gather, useful
    from pipeline.disclosure.in_words import kept_in_words, utility_in_words
    from pipeline.disclosure.risk import passed_on
    from pipeline.disclosure.roles import Role

    above = hierarchies_of(roles, folder)
    if demanded is None:
        left = useful(before, made.rows, roles, above, made.stand_at)
    else:
        homes = None if made.homes is None else Homes(made.homes, about_household(made.homes.name))
        beside: dict[str, Any] = {"before": before, "hierarchies": above, "levels": made.stand_at}
        found = gather("", made.rows, roles, demanded, homes=homes, **beside)
        refuse_beyond(found.verdicts)
        assert found.utility is not None
        left = found.utility
    kept = passed_on(made.rows, roles.named(Role.QUASI), roles.named(Role.KEPT))
    return [*utility_in_words(left), *kept_in_words(kept)]
