"""The part of the roof that measures the risk of any table, or of a release: `uttrekk risk`.

Only `cli` imports it. What is printed are counts of classes and shares, never a value of anybody's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli_disclosure import FILE, about_household, hierarchies_of, refuse_overwriting
from pipeline.errors import SettingWrong

if TYPE_CHECKING:
    import polars as pl

    from pipeline.disclosure.evidence import Evidence, Homes
    from pipeline.disclosure.roles import Roles


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

    refuse_overwriting(certificate, given)
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


def _evidence_of_file(
    path: Path, role_file: Path, everybody: pl.DataFrame | None, original: Path | None, last: Path | None
) -> Evidence:
    from pipeline.disclosure import policy
    from pipeline.disclosure.evidence import gather
    from pipeline.disclosure.files import read_table, refuse_what_is_no_value
    from pipeline.disclosure.retyped import retyped
    from pipeline.disclosure.roles import Role, load

    roles, frame = load(role_file), read_table(path)
    roles.without_direct(frame.columns).refuse_strangers(frame.columns)
    before, former = (read_table(file) if file else None for file in (original, last))
    for other in (before, former):
        if other is not None:
            roles.without_direct(other.columns).refuse_strangers(other.columns)
    for each in (frame, everybody, before, former):
        if each is not None:
            refuse_what_is_no_value(each, roles.counted())
    if before is not None:
        frame = retyped(frame, before, roles.named(Role.SENSITIVE))
    return gather(
        path.name,
        frame,
        roles,
        policy.packaged(),
        before=before,
        hierarchies=hierarchies_of(roles, role_file.parent) if original else None,
        population=everybody,
        last=former,
        homes=_homes(path, frame, roles),
    )


def _homes(path: Path, frame: pl.DataFrame, roles: Roles) -> Homes | None:
    """Who lives together, where the table still has the column that says so."""
    from pipeline.disclosure.evidence import Homes

    column = roles.household
    if column is None:
        return None
    if column not in frame.columns:
        click.echo(f"{path.name} has no column {column}: k counts rows here, and not households.")
        return None
    return Homes(frame[column], about_household(column))


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
