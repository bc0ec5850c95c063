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

    from pipeline.disclosure.engine.hierarchy import Hierarchy
    from pipeline.disclosure.evidence import Evidence, Homes
    from pipeline.disclosure.roles import Roles
    from pipeline.disclosure.utility.measure import Utility

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
    from pipeline.disclosure.in_words import cost_in_words, utility_in_words
    from pipeline.disclosure.roles import asked, load
    from pipeline.disclosure.verify_engine import verify

    before = read_table(table)
    roles = load(role_file)
    must_hold = asked(roles, role_file.parent)
    made_from = [table, role_file, *must_hold.hierarchies.values()]
    _refuse_overwriting(out, [*made_from, policy_file] if policy_file else made_from)
    if policy_file:
        roles = policy.held_to(roles, policy.load(policy_file), rows=before.height)
        must_hold = asked(roles, role_file.parent)
    made = coarsened(before, roles, role_file.parent)
    told = cost_in_words(made)

    def check(staged: Path) -> None:
        verify(table, staged, must_hold, None if made.homes is None else made.homes.to_frame())
        # Measured before the file gets its name: what fails here has written nothing.
        told.extend(utility_in_words(_utility(before, made.rows, roles, role_file.parent)))

    write_table(out, made.rows, check)
    click.echo(f"{out} meets: {roles.targets().in_words()}; measured again in the file as written.")
    for line in told:
        click.echo(f"  {line}")
    click.echo(f"Next: uttrekk risk {out} --roles {role_file}")


@click.command(
    epilog="\b\nExamples:\n  uttrekk risk coarse.parquet --roles roles.yaml\n"
    "  uttrekk risk coarse.csv --roles roles.yaml --population register.csv\n"
    "  uttrekk risk coarse.csv --roles roles.yaml --original persons.csv --certificate risk.nb.html\n"
    "  uttrekk risk demo                        the version of a request that is in force\n"
    "  uttrekk risk releases/demo/1f0c...+2025-03-01\n"
)
@click.argument("what", metavar="FILE|RELEASE")
@click.option("--roles", "role_file", metavar="YAML", type=FILE, help="What each column of FILE is.")
@click.option("--population", metavar="FILE", type=FILE, help="Everybody who could be meant, coded alike.")
@click.option("--original", metavar="FILE", type=FILE, help="What FILE was made from: utility is measured.")
@click.option("--last", metavar="FILE", type=FILE, help="The version before FILE: the two are subtracted.")
@click.option(
    "--certificate",
    metavar="OUT",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a privacy certificate of FILE; its name ends in .nb.md, .nb.html, .en.md or .en.html.",
)
def risk(
    what: str,
    role_file: Path | None,
    population: Path | None,
    original: Path | None,
    last: Path | None,
    certificate: Path | None,
) -> None:
    """Measure and attack a CSV or Parquet table as it stands, or the files of a release.

    The role file is that of `uttrekk anonymise`; a direct identifier may be gone, and so may the household:
    then k counts rows. A release, named by its
    request or its folder, needs none, and pseudonymised files of it are personal data whatever is measured.
    With --population the risks count how many persons there are who could be meant; without it, only those in
    the table. Attacks are told beside what the same guess gets right without the table, and the limit that
    the packaged policy sets.
    """
    from pipeline.disclosure.files import read_table

    everybody = read_table(population) if population else None
    if not Path(what).is_file():
        _refuse_for_a_release(original, last, certificate)
        _show_release(what, everybody)
        return
    if role_file is None:
        raise SettingWrong(
            "A file does not say which of its columns could single somebody out.",
            instead="Nothing was measured.",
            do=f"Name a role file: uttrekk risk {what} --roles roles.yaml",
        )
    given = [path for path in (Path(what), role_file, population, original, last) if path]
    language, suffix = _form_of(certificate, given) if certificate else ("", "")
    evidence = _evidence_of_file(Path(what), role_file, everybody, original, last)
    _show_evidence(what, evidence)
    if certificate:
        _write_certificate(certificate, evidence, language, suffix)
    click.echo(f"Next: to lower it, ask for more in {role_file}, and coarsen what it was made from again.")


def _refuse_for_a_release(*given: Path | None) -> None:
    if any(given):
        raise SettingWrong(
            "--original, --last and --certificate are of a file with a role file; that is none.",
            instead="Nothing was measured.",
            do="Leave them out, or give a file and its roles; a release has its certificate in its folder.",
        )


def _form_of(certificate: Path, given: list[Path]) -> tuple[str, str]:
    """The language and the suffix that a certificate's name ends in."""
    from pipeline.disclosure.certificate import SUFFIXES
    from pipeline.releases.words import LANGUAGES

    _refuse_overwriting(certificate, given)
    if not certificate.parent.is_dir():
        raise SettingWrong(
            f"There is no folder {certificate.parent} for the certificate to stand in.",
            instead="Nothing was measured or written.",
            do=f"Make it, and type the command again: mkdir -p {certificate.parent}",
        )
    for language in LANGUAGES:
        for suffix in SUFFIXES:
            if certificate.name.endswith(f".{language}.{suffix}"):
                return language, suffix
    raise SettingWrong(
        "The certificate's name does not say its language and form.",
        instead="Nothing was measured or written.",
        do="Give another name: --certificate risk.nb.html, risk.en.html, risk.nb.md or risk.en.md",
    )


def _write_certificate(path: Path, evidence: Evidence, language: str, suffix: str) -> None:
    from pipeline.disclosure.certificate import render
    from pipeline.durable import put
    from pipeline.requests.request import Bilingual

    name = Bilingual(nb=evidence.name, en=evidence.name)
    put(path, render([evidence], name, language, suffix), mode=0o600)
    click.echo(f"{path} is the privacy certificate. Whether the data are anonymous is for a human to decide.")


def _refuse_overwriting(out: Path, made_from: list[Path]) -> None:
    """Refuse an output that is one of the files it is made from, by whatever name."""
    if out.exists() and any(path.exists() and out.samefile(path) for path in made_from):
        raise SettingWrong(
            "The output would take the place of what it is made from.",
            instead="Nothing was written.",
            do="Give another name: --out coarse.parquet",
        )


def _evidence_of_file(
    path: Path, role_file: Path, everybody: pl.DataFrame | None, original: Path | None, last: Path | None
) -> Evidence:
    from pipeline.disclosure import policy
    from pipeline.disclosure.evidence import gather
    from pipeline.disclosure.files import read_table, refuse_what_is_no_value
    from pipeline.disclosure.roles import load

    roles, frame = load(role_file), read_table(path)
    roles.without_direct(frame.columns).refuse_strangers(frame.columns)
    before, former = (read_table(file) if file else None for file in (original, last))
    for other in (before, former):
        if other is not None:
            roles.without_direct(other.columns).refuse_strangers(other.columns)
    for each in (frame, everybody, before, former):
        if each is not None:
            refuse_what_is_no_value(each, roles.counted())
    return gather(
        path.name,
        frame,
        roles,
        policy.packaged(),
        before=before,
        hierarchies=_hierarchies(roles, role_file.parent) if original else None,
        population=everybody,
        last=former,
        homes=_homes(path, frame, roles),
    )


def _homes(path: Path, frame: pl.DataFrame, roles: Roles) -> Homes | None:
    """Who lives together, where the table still has the column that says so."""
    from pipeline.disclosure.certificate_text import HOUSEHOLD_COLUMN
    from pipeline.disclosure.evidence import Homes
    from pipeline.requests.request import Bilingual

    column = roles.household
    if column is None:
        return None
    if column not in frame.columns:
        click.echo(f"{path.name} has no column {column}: k counts rows here, and not households.")
        return None
    nb, en = (words.format(column=column) for words in (HOUSEHOLD_COLUMN.nb, HOUSEHOLD_COLUMN.en))
    return Homes(frame[column], Bilingual(nb=nb, en=en))


def _hierarchies(roles: Roles, folder: Path) -> dict[str, Hierarchy]:
    from pipeline.disclosure.files import read_hierarchy
    from pipeline.disclosure.roles import Role

    named = {name: roles.columns[name].hierarchy for name in roles.named(Role.QUASI)}
    return {name: read_hierarchy(folder / file, name) for name, file in named.items() if file}


def _utility(before: pl.DataFrame, after: pl.DataFrame, roles: Roles, folder: Path) -> Utility:
    from pipeline.disclosure.roles import Role
    from pipeline.disclosure.utility.measure import measure

    return measure(
        before,
        after,
        roles.named(Role.QUASI),
        roles.targets().sensitive,
        hierarchies=_hierarchies(roles, folder),
        k=roles.k,
        blanks=roles.blank,
    )


def _show_evidence(what: str, evidence: Evidence) -> None:
    from pipeline.disclosure.in_words import attack_in_words, risk_in_words, utility_in_words

    lines = risk_in_words(evidence.measured) if evidence.measured else []
    for verdict in evidence.verdicts:
        line = attack_in_words(verdict.attack)
        if verdict.limit is not None:
            state = "held" if verdict.held else "NOT HELD"
            line += f"; {verdict.figure.value} at most {verdict.limit:g}: {state}"
        lines.append(line)
    if evidence.utility:
        lines += utility_in_words(evidence.utility)
    _show(what, lines)


def _show_release(what: str, everybody: pl.DataFrame | None) -> None:
    """Every file of a release, measured from its folder alone."""
    from pipeline.config import Settings, environment
    from pipeline.disclosure.policy import of_releases
    from pipeline.releases.courses import courses_of
    from pipeline.releases.courses import in_words as courses_in_words
    from pipeline.releases.measured import counts_households, measured
    from pipeline.releases.words import KIND_LABELS

    settings = Settings.from_environment(environment())
    folder = _folder_of(what, settings.releases)
    found = measured(folder, of_releases(settings.policy), everybody)
    promised = counts_households(folder)
    for evidence in found:
        if evidence.measured is None:
            _show(evidence.name, [f"{KIND_LABELS[evidence.kind].en}: no measurement changes that"])
        else:
            _show_evidence(evidence.name, evidence)
        if evidence.name in promised:
            click.echo("  k counts rows here; the release promises households, as its certificate says")
    for line in courses_in_words(courses_of(folder)):
        click.echo(line)
    certificate = folder / "certificate.en.html"
    if certificate.is_file():
        click.echo(f"With what it was made of: {certificate}")
    click.echo(f"Next: uttrekk verify {what}")


def _folder_of(what: str, releases: Path) -> Path:
    """The folder itself, or of the request's version in force."""
    from pipeline.releases.publish import in_force

    if Path(what).is_dir():
        return Path(what)
    standing = in_force(releases / what) if Path(what).name == what else None
    if standing is None:
        raise SettingWrong(
            "There is no file, no folder and no published request of that name.",
            instead="Nothing was measured.",
            do="Give a file and its roles, or a request; see what has been published with: uttrekk status",
        )
    return standing.folder


def _show(what: str, lines: list[str]) -> None:
    click.echo(f"{what}:")
    for line in lines:
        click.echo(f"  {line}")
