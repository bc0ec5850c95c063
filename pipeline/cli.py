"""The roof: what a person types. It may call everything, and nothing calls it.

Every command ends in a next step; a `PipelineError` is one line and its own exit code.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from rich.console import Console
from rich.table import Table as RichTable

from pipeline.cli_disclosure import anonymise
from pipeline.cli_keys import keys
from pipeline.cli_protect import protect_courses, protect_table
from pipeline.cli_quality import quality
from pipeline.cli_risk import risk
from pipeline.config import Settings, environment
from pipeline.disclosure.tables import BASE
from pipeline.errors import PipelineError, ReleaseDamaged, SettingWrong, StepFailed, Stopped
from pipeline.lock import held

if TYPE_CHECKING:
    import polars as pl

    from pipeline.summary import TableLine

# In a smaller place the built-in request would be refused: its classes would be too small.
FEWEST_PERSONS = 1500
MOST_MUNICIPALITIES = 11  # the municipalities whose numbers are followed through the reforms
MOST_ERRORS = 10

EXAMPLES = """\b
First time, with nothing but this checkout:
  uttrekk synthesise            invent a municipality of 13,000 persons, every one unreal
  uttrekk run                   land, validate, link and publish; ends with the paths to look at
  uttrekk status                what stands under the data root
  uttrekk verify demo           re-measure the newest published version of a request

\b
On a real case system:
  export UTTREKK_DATA=/srv/uttrekk  UTTREKK_KEYS=/etc/uttrekk/keys
  export UTTREKK_CASE_SYSTEM=postgresql://reader@db.example.no/socio
  export UTTREKK_DELIVERIES=/srv/deliveries  UTTREKK_REQUESTS=/srv/requests
  uttrekk keys create           once; then, every night:
  uttrekk run --as-of 2025-03-01
"""


def main() -> None:
    """Run the command line; whatever goes wrong becomes one line and an exit code of its own."""
    try:
        uttrekk(standalone_mode=False)
    except PipelineError as error:
        _stop(error)
    except (click.exceptions.Abort, KeyboardInterrupt):
        _stop(Stopped())
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OSError as error:
        _stop(
            SettingWrong(
                f"A file or folder cannot be used ({type(error).__name__}).",
                instead="Nothing was published.",
                do="Check UTTREKK_DATA, who may write there, and whether the disk is full.",
            )
        )
    except SystemExit:
        raise
    except BaseException as error:  # a panic of a Rust library is no Exception
        _stop(StepFailed("uttrekk", error))


def _stop(error: PipelineError) -> NoReturn:
    click.echo(f"uttrekk: {error}", err=True)
    sys.exit(error.exit_code)


@click.group(
    epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="uttrekk")
def uttrekk() -> None:
    """Versioned, disclosure-controlled research extracts from a municipal case system.

    Where things are is set by UTTREKK_DATA (default ./data), UTTREKK_CASE_SYSTEM, UTTREKK_DELIVERIES,
    UTTREKK_REQUESTS, UTTREKK_POLICY, UTTREKK_KEYS, UTTREKK_MASTER_KEY and UTTREKK_STEWARDSHIP; without them
    every command works on the invented municipality under ./data.
    """


@uttrekk.command(
    epilog="\b\nExamples:\n  uttrekk synthesise\n  uttrekk synthesise --persons 2000 --seed 7\n"
    "  uttrekk synthesise --errors 2            twice as much goes wrong\n"
    "  uttrekk synthesise --municipalities 5    Oslo, and four others in the registers alone"
)
@click.option(
    "--persons",
    default=13_000,
    show_default=True,
    type=click.IntRange(FEWEST_PERSONS),
    help="Persons at 2012.",
)
@click.option("--seed", default=2006, show_default=True, help="The same seed invents the same municipality.")
@click.option(
    "--municipalities",
    default=1,
    show_default=True,
    type=click.IntRange(1, MOST_MUNICIPALITIES),
    help="Oslo and others, whose participants stand in the registers alone.",
)
@click.option(
    "--errors",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, MOST_ERRORS),
    help="Every error rate times this.",
)
def synthesise(persons: int, seed: int, municipalities: int, errors: float) -> None:
    """Invent a municipality: a case system, register deliveries, and a demo key.

    Every identifier is of the test series (month + 80), which can never belong to a person. A world
    that already stands is kept when it is the one asked for.
    """
    from pipeline.identity.keys import create_master
    from pipeline.synthetic import synthesise as invent

    settings = Settings.from_environment(environment())
    console = Console()
    with held(settings.data), console.status("Inventing a municipality ...") as status:
        world = invent(
            settings.world,
            persons=persons,
            seed=seed,
            municipalities=municipalities,
            errors=errors,
            progress=lambda text: status.update(f"{text} ..."),
        )
        create_master(settings.keys, demo=True, master=settings.master_key)
    console.print(
        f"An invented municipality of {world.told} stands in {_short(settings.world)}.\nNext: uttrekk run",
        soft_wrap=True,
    )


@uttrekk.command(
    epilog="\b\nExamples:\n  uttrekk run\n  uttrekk run --as-of 2025-03-01\n"
    "  uttrekk run --as-of 2025-03-01 --from-observation   every step of that night, from what it landed"
)
@click.option(
    "--as-of",
    "as_of_text",
    default="",
    metavar="DATE",
    help="The night's date; default: the demo's, or today.",
)
@click.option(
    "--from-observation", is_flag=True, help="Use the snapshots that night landed, not the live sources."
)
def run(as_of_text: str, from_observation: bool) -> None:
    """Run one night: land, validate, identify, link, measure and publish.

    A night can be killed and run again: what is already made of the same inputs is not made twice, and
    a release that would say nothing new is not published. Where the whole night already stands as it was
    left, it ends after landing.
    """
    from assets.resources import night
    from assets.run import StepEnded, run_job
    from pipeline.night import seen
    from pipeline.quality.stewardship import load as load_decisions
    from pipeline.settled import note
    from pipeline.sources.deliveries import survey
    from pipeline.summary import releases

    settings = Settings.from_environment(environment())
    as_of = night(settings, as_of_text)
    load_decisions(settings.stewardship)  # before anything is made: the night would stop near its end
    console = Console()
    before = datetime.now()
    with console.status(f"Night of {as_of} ...") as status:

        def ended(step: StepEnded) -> None:
            console.print(f"  [{step.done:>3}/{step.of}] {step.name.replace('__', '/')}", highlight=False)
            status.update(f"Night of {as_of}: {step.done} of {step.of} steps ...")

        standing = {release.folder for release in releases(settings) if release.in_force}
        skipped = run_job(
            settings,
            as_of=as_of,
            from_observation=from_observation,
            skip_settled=not from_observation,
            ended=ended,
        )
    made = [r.folder for r in releases(settings) if r.in_force and r.folder not in standing]
    if not from_observation:
        for file in survey(settings.deliveries, as_of).left:
            console.print(f"Not read: {file.name} in the deliveries' folder: {file.why}", soft_wrap=True)
    if skipped:
        console.print(
            "The sources hold what this night was made of, and all it left stands: no step was due.",
            soft_wrap=True,
        )
    _show(console, settings, as_of, made, (datetime.now() - before).total_seconds())
    if not skipped:  # last: what is shown is remembered too, and is part of what the night left
        note(settings, seen(settings, as_of))


@uttrekk.command(epilog="\b\nExample:\n  uttrekk status")
def status() -> None:
    """Say what stands under the data root."""
    from pipeline.summary import latest_night, releases

    settings = Settings.from_environment(environment())
    console = Console()
    demo = settings.demo()
    console.print(f"Data root: {_short(settings.data)}")
    console.print(f"Invented municipality: {demo.told}" if demo else "No demo data.")
    seen = latest_night(settings)
    if seen is None:
        console.print("No night has been run.")
        console.print(f"Next: {'uttrekk run' if demo else 'uttrekk synthesise'}")
        return
    console.print(f"Newest night: {seen.as_of}, {len(seen.snapshots)} snapshots")
    for release in releases(settings):
        console.print(
            f"Published: {release.request} {release.version}" + ("" if release.in_force else " (superseded)")
        )
        if release.waits:
            console.print(release.waits, soft_wrap=True)
    console.print("Next: uttrekk run")


@uttrekk.command(
    epilog="\b\nExamples:\n  uttrekk verify demo\n  uttrekk verify data/releases/demo/1a2b3c4d5e6f+2025-03-01"
)
@click.argument("release", metavar="REQUEST|FOLDER")
def verify(release: str) -> None:
    """Re-measure a published version: checksums, version, and class sizes in the files as written.

    With a request's name, its newest version under the data root.
    """
    from pipeline.disclosure.certificate_text import DECIDED
    from pipeline.releases.manifest import MANIFEST
    from pipeline.releases.verify import verify as verify_release
    from pipeline.summary import releases

    settings = Settings.from_environment(environment())
    folder = Path(release).resolve()
    if not (folder / MANIFEST).exists():
        versions = [r.folder for r in releases(settings) if r.request == release]
        if not versions:
            raise SettingWrong(
                "No such request has been published, and no release stands in a folder of that name.",
                instead="Nothing was verified.",
                do="See what has been published with: uttrekk status",
            )
        folder = versions[-1]
    found = verify_release(folder)
    if not found.is_release:
        raise SettingWrong(
            f"{_short(folder)} is no release.",
            instead="Nothing was verified.",
            do="Give the folder of a version; see what has been published with: uttrekk status",
        )
    if found.problems:
        raise ReleaseDamaged(
            f"{_short(folder)} is not what was published: {'; '.join(found.problems)}.",
            instead="It must not be used.",
            do="Fetch the version again, or publish a new one with: uttrekk run",
        )
    told = found.facts
    click.echo(f"{told['request']} {told['version']} of {told['as_of']} is what was published:")
    click.echo(f"  {told['files']} files agree with their checksums, and the version with their content")
    for output in told["outputs"]:
        label = f"{output['label']['nb']} ({output['label']['en']})"
        click.echo(f"  {output['kind']}: {label}: {', '.join(output['files'])}")
        for path, decided in output["decided"].items():
            click.echo(f"  {path}: {DECIDED.en.format(**decided)}")
    for path, k in told["smallest_class"].items():
        click.echo(f"  {path}: k = {k}, measured again in the file as written")
    if not told["schemas_unchanged"]:
        click.echo("  It was published under an older schema than this program's: read its own codebook.")
    click.echo(f"Cite as: {told['request']}, {told['version']}, {told['as_of']}")


uttrekk.add_command(anonymise)
uttrekk.add_command(keys)
uttrekk.add_command(protect_courses)
uttrekk.add_command(protect_table)
uttrekk.add_command(quality)
uttrekk.add_command(risk)


def _show(console: Console, settings: Settings, as_of: date, made: Sequence[Path], seconds: float) -> None:
    """The short table a night ends with, and what to look at."""
    from pipeline.night import changes, seen, sparse_in_night, unmatched_withdrawals
    from pipeline.night.memory import steady_figure
    from pipeline.summary import releases, reports, table_lines

    shown = RichTable(title=f"Night of {as_of} (rows, rounded to {BASE})", title_justify="left", box=None)
    shown.add_column("table", no_wrap=True)
    for heading in ("landed", "passed", "held back", "in core", "no link"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for line in table_lines(settings, seen(settings, as_of)):
        figures = (steady_figure(settings, as_of, name, count) for name, count in _counted(line).items())
        shown.add_row(line.table, *figures)
    console.print(shown)
    unmatched = steady_figure(settings, as_of, "withdrawals/unmatched", unmatched_withdrawals(settings))
    # None and few look alike, so the line is always there.
    console.print(_unmatched(unmatched))
    demanded, unasked = sparse_in_night(settings, as_of)
    console.print(f"Sparse although somebody demands it: {', '.join(demanded) or 'none'}")
    console.print(f"Sparse, and nobody asks for it: {', '.join(unasked) or 'none'}")
    moved = changes(settings, as_of)
    if moved is not None:
        console.print(f"Findings since {moved.before}: {_moved(moved.findings)}. See: uttrekk quality diff")
    now = [release for release in releases(settings) if release.in_force]
    for release in now:
        word = "Published" if release.folder in made else "Unchanged"
        console.print(f"{word}: {_short(release.folder)}", soft_wrap=True)
        if release.waits:
            console.print(release.waits, soft_wrap=True)
    if not made:
        console.print("Nothing new: no release was published.")
    for path in reports(settings, as_of):
        console.print(f"Report: {_short(path)}", soft_wrap=True)
    verify = f", or: uttrekk verify {now[0].request}" if now else ""
    console.print(f"{seconds:.0f} s. Next: open the report in a browser{verify}")


def _moved(findings: pl.DataFrame) -> str:
    """How many findings are new, stand or are gone: of checks, not of persons."""
    counts = findings.group_by("change").len().sort("change").rows()
    return ", ".join(f"{count} {change.replace('_', ' ')}" for change, count in counts) or "none"


def _unmatched(figure: str) -> str:
    return f"Withdrawals that name nobody the case system knows: {figure}. Check the list."


def _counted(line: TableLine) -> dict[str, int]:
    """A table's counts by the names that Dagster's pages hold them under: one memory, one figure."""
    return {
        f"landing/{line.table}": line.landed,
        f"restricted/{line.table}/rows": line.passed,
        f"restricted/{line.table}/quarantined": line.quarantined,
        f"core/{line.table}/rows": line.in_core,
        f"core/{line.table}/unlinked": line.unlinked,
    }


def _short(path: Path) -> str:
    """A path as a person would type it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


if __name__ == "__main__":
    main()
