"""The part of the roof that shows quality: `uttrekk quality ...`. Only `cli` imports it.

What is shown is what the night has published: it has passed disclosure control, and nothing is measured here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.config import Settings, environment
from pipeline.errors import FindingsOpen

if TYPE_CHECKING:
    import polars as pl

    from pipeline.night.published import NightFindings
    from pipeline.requests.request import Request

LANGUAGES = ("nb", "en")
_AS_OF = click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Of that night; default: the newest."
)
_LANG = click.option(
    "--lang", default="en", show_default=True, type=click.Choice(LANGUAGES), help="Language."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")


def _common(command: Callable[..., None]) -> Callable[..., None]:
    return _AS_OF(_LANG(_JSON(command)))


@click.group()
def quality() -> None:
    """What the nights have found about the quality of the fields.

    \b
    UTTREKK_STEWARDSHIP   the file of stewards' decisions, kept in git; start from the package's own example,
                          pipeline/quality/examples/stewardship.yaml
    """


@quality.command(
    epilog="\b\nExamples:\n  uttrekk quality report\n  uttrekk quality report --as-of 2025-03-01 --lang nb"
)
@_common
def report(as_of: datetime | None, lang: str, as_json: bool) -> None:
    """Say what the night comes to, and where its report stands."""
    from pipeline.night.published import night_folder, stored_findings
    from pipeline.quality import judgement, places

    settings = Settings.from_environment(environment())
    night = stored_findings(settings, _day(as_of))
    folder = night_folder(settings, night.as_of)
    results, about_file = _as_now_decided(settings, night, lang)
    found, is_open = judgement.findings(results), judgement.undecided(results)
    to_decide = judgement.to_decide(results).height
    worse_night, worse_decision = judgement.worse_counted(results)
    counts = {
        "decide": to_decide,
        "know": is_open.height - to_decide,
        "worse": worse_night + worse_decision,
        "worse_night": worse_night,
        "worse_decision": worse_decision,
        "decided": judgement.decided(found).height,
        "could_not_run": night.results.filter(night.results["status"] == "could_not_run").height,
        **places.not_told(night.results, night.fields, night.as_of),
    }
    found_files = (path for path in folder.iterdir() if not path.name.startswith("."))
    files = [str(path) for path in sorted(found_files, key=lambda p: (p.suffix != ".html", p.name))]
    if as_json:
        _print({"as_of": night.as_of.isoformat(), "files": files, **counts})
        return
    _say("night", lang, as_of=night.as_of)
    _say("counted", lang, **counts)
    _say("not_counted", lang, **counts)
    for line in about_file:
        click.echo(line)
    for path in files:
        _say("report_at" if path.endswith(".html") else "data_at", lang, path=path)
    _say("next_findings", lang)


@quality.command(
    epilog="\b\nExamples:\n  uttrekk quality findings\n"
    "  uttrekk quality findings --field background.education_level\n"
    "  uttrekk quality findings --flag uneven --all --lang nb\n"
    "  uttrekk quality findings --json\n"
    "  uttrekk quality findings --check      exit code 24 where one needs a decision nobody has taken"
)
@click.option("--flag", help="Only that flag.")
@click.option("--field", metavar="TABLE.FIELD", help="Only that field.")
@click.option("--all", "everything", is_flag=True, help="Also those that stewards have decided about.")
@click.option("--check", is_flag=True, help="Fail where a finding needs a decision nobody has taken.")
@_common
def findings(
    flag: str | None,
    field: str | None,
    everything: bool,
    check: bool,
    as_of: datetime | None,
    lang: str,
    as_json: bool,
) -> None:
    """List the night's findings, the gravest first, with their numbers.

    Where UTTREKK_STEWARDSHIP names a file, they stand as it says now. A file that cannot be used ends it with
    exit code 22, and nothing is shown.
    """
    from pipeline.night.published import stored_findings
    from pipeline.quality import judgement
    from pipeline.quality.named import measured_field, quality_flag

    settings = Settings.from_environment(environment())
    night = stored_findings(settings, _day(as_of))
    results, told = _as_now_decided(settings, night, lang)
    shown = judgement.findings(results) if everything else judgement.undecided(results)
    if flag is not None:
        shown = shown.filter(shown["flag"] == quality_flag(flag))
    if field is not None:
        table, name = measured_field(field)
        shown = shown.filter((shown["table"] == table) & (shown["column"] == name))
    shown = judgement.gravest_first(shown)
    if as_json:
        _print({"as_of": night.as_of.isoformat(), "findings": json.loads(shown.write_json())})
    else:
        _say("night", lang, as_of=night.as_of)
        _listed(shown, "none" if everything else "none_open", lang)
        for line in told:
            click.echo(line)
        file = settings.stewardship or _words("no_file", lang)
        _say("next_decide" if not shown.is_empty() else "next_diff", lang, file=file)
    if check:
        _refuse_open(judgement.to_decide(shown).height)


@quality.command(
    epilog="\b\nExamples:\n  uttrekk quality diff                          since the night before\n"
    "  uttrekk quality diff --since 2025-02-01       since that night\n"
    "  uttrekk quality diff --since 1a2b3c4d5e6f     since a published version\n"
    "  uttrekk quality diff --json"
)
@click.option(
    "--since", metavar="NIGHT|VERSION", help="A night's date or a version; default: the night before."
)
@_common
def diff(since: str | None, as_of: datetime | None, lang: str, as_json: bool) -> None:
    """Say which findings are new, worse, as before or gone, and what else moved."""
    from pipeline.night.published import changes, stored_findings
    from pipeline.pages.alert import finding_line, moved_line, schema_lines

    settings = Settings.from_environment(environment())
    night = stored_findings(settings, _day(as_of))
    found = changes(settings, night.as_of, since)
    parts = {} if found is None else {n: getattr(found, n) for n in ("findings", "rows", "values", "schema")}
    if as_json:
        before = None if found is None else found.before.isoformat()
        told = {name: json.loads(frame.write_json()) for name, frame in parts.items()}
        _print({"before": before, "after": night.as_of.isoformat(), **told})
        return
    if found is None:
        _say("first_night", lang, as_of=night.as_of)
        _say("next_run", lang)
        return
    _say("compared", lang, before=found.before, after=found.after)
    stand = found.findings.filter(found.findings["change"] == "persisting").height
    moved = found.findings.filter(found.findings["change"] != "persisting")
    lines = [finding_line(row, lang) for row in moved.to_dicts()]
    for kind in ("rows", "values"):
        lines += [moved_line(kind, row, lang) for row in parts[kind].to_dicts()]
    lines += schema_lines(found.schema, lang)
    for line in lines:
        click.echo(f"  {line}")
    if not lines:
        _say("no_change", lang)
    _say("persisting", lang, count=stand)
    _say("next_findings", lang)


@quality.command(
    epilog="\b\nExamples:\n  uttrekk quality explain background.education_level\n"
    "  uttrekk quality explain result.nir_exit --lang nb"
)
@click.argument("field", metavar="TABLE.FIELD")
@_common
def explain(field: str, as_of: datetime | None, lang: str, as_json: bool) -> None:
    """Say all that is known of a field: who asks for it, how it is filled, what the checks say of it."""
    from pipeline.night.published import stored_findings
    from pipeline.pages.field_facts import check_in_words, paragraph
    from pipeline.pages.grade_words import years_in_words
    from pipeline.quality import judgement
    from pipeline.quality.named import measured_field
    from pipeline.quality.stewardship import load, unfit_fields
    from schemas import codes

    settings = Settings.from_environment(environment())
    table, name = measured_field(field)
    night = stored_findings(settings, _day(as_of))
    marks = unfit_fields(load(settings.stewardship), night.as_of)
    results, about_file = _as_now_decided(settings, night, lang)
    mine = results.filter((results["table"] == table) & (results["column"] == name))
    cells = night.fields.filter((night.fields["table"] == table) & (night.fields["column"] == name))
    said = paragraph((table, name), night.fields, results, marks, night.as_of, lang)
    if as_json:
        told = {"fields": json.loads(cells.write_json()), "results": json.loads(mine.write_json())}
        _print({"as_of": night.as_of.isoformat(), "field": field, "paragraph": said, **told})
        return
    click.echo("\n".join([said, *years_in_words(cells, lang)]))
    found = judgement.gravest_first(judgement.findings(mine))
    for row in found.to_dicts():
        _finding(row, lang)
    for check in found["check"].unique().sort():
        _say("check", lang, flag=codes.QUALITY_CHECK.labels(lang)[check], said=check_in_words(check, lang))
    for line in about_file:
        click.echo(line)
    _say("next_diff", lang)


@quality.command(
    epilog="\b\nExamples:\n  uttrekk quality preview requests/kohort.yaml\n"
    "  uttrekk quality preview pipeline/requests/examples/demo.yaml --lang nb"
)
@click.argument("request_file", metavar="REQUEST.yaml", type=click.Path(path_type=Path))
@_common
def preview(request_file: Path, as_of: datetime | None, lang: str, as_json: bool) -> None:
    """Say what is known of the fields a request asks for, before it is granted.

    Ends with exit code 17 where its grant has run out, or where it asks for a field that a steward has marked
    unfit, and neither accepts it nor has it in its version in force: what the nightly run would end with.
    """
    from pipeline.night.published import facts_for
    from pipeline.pages.field_facts import markdown
    from pipeline.releases.fitness import refuse_version
    from pipeline.requests.preview import unfit_variables

    settings = Settings.from_environment(environment())
    request = _request_in(request_file)
    told = facts_for(settings, request, _day(as_of))
    night = _night(settings, as_of)
    if as_json:
        frames = {"variables": told.variables, "fields": told.fields, "results": told.results}
        facts = {name: json.loads(frame.write_json()) for name, frame in frames.items()}
        _print({"as_of": night.isoformat(), "request": request.id, "unfit": unfit_variables(told), **facts})
    else:
        variables = told.variables["variable"].n_unique()
        _say("preview_of", lang, request=request.id, variables=variables)
        click.echo(markdown(told.variables, told.fields, told.results, told.unfit, night, lang))
    refuse_version(request, told, settings.releases, night)
    if not as_json:
        _say("next_request", lang)


def _listed(found: pl.DataFrame, none: str, language: str) -> None:
    for row in found.to_dicts():
        _finding(row, language)
    if found.is_empty():
        _say(none, language)


def _finding(row: dict[str, Any], language: str) -> None:
    from pipeline.pages.alert import place_in_words
    from pipeline.pages.effects import how_much
    from pipeline.pages.field_facts import decided_in_words, worse_in_words
    from pipeline.pages.phrase import sentence
    from pipeline.quality.stewardship import Stewardship
    from schemas import codes

    told = how_much(row, language)
    told = told[:1].lower() + told[1:]
    _say(
        "finding",
        language,
        id=row["result_id"],
        severity=codes.QUALITY_SEVERITY.labels(language)[row["severity"]],
        what=place_in_words(row, language),
        effect=_words("effect", language, effect=told) if told else "",
    )
    if standing := decided_in_words(row, language):
        _say("decided", language, standing=standing)
    if row["stewardship"] != Stewardship.WORSENED.value and (said := worse_in_words(row, language)):
        _say("decided", language, standing=sentence(said))


def _as_now_decided(
    settings: Settings, night: NightFindings, language: str
) -> tuple[pl.DataFrame, list[str]]:
    """The night's results as the stewards' file says now, and what there is to tell of the file."""
    from pipeline.quality.judgement import as_now_decided
    from pipeline.quality.stewardship import STANDING, about_nothing, load

    if settings.stewardship is None:
        return night.results, []
    decisions, file = load(settings.stewardship), settings.stewardship
    results = as_now_decided(night.results, decisions, night.as_of)
    places = about_nothing(results, decisions)
    told = [_words("about_nothing", language, place=place, file=file) for place in places]
    if moved := (results[STANDING] != night.results[STANDING]).sum():
        told.append(_words("decided_since", language, count=moved, file=file))
    return results, told


def _request_in(file: Path) -> Request:
    """The request in that file; RequestRefused where it cannot be read, by what a preview leaves undone."""
    from pipeline.errors import RequestRefused
    from pipeline.requests.request import load

    try:
        return load(file)
    except RequestRefused as why:
        do = f"See that {file} is there and right, and try: uttrekk quality preview {file}"
        raise RequestRefused(why.happened, instead="Nothing is shown.", do=do) from None


def _refuse_open(count: int) -> None:
    if count:
        raise FindingsOpen(
            f"{count} finding{' needs' if count == 1 else 's need'} a decision that nobody has taken.",
            instead="Nothing else was done.",
            do="Decide in the file that UTTREKK_STEWARDSHIP names, and try: uttrekk quality findings --check",
        )


def _night(settings: Settings, as_of: datetime | None) -> date:
    from pipeline.night.published import published_nights

    return _day(as_of) or published_nights(settings)[-1]


def _day(as_of: datetime | None) -> date | None:
    return as_of.date() if as_of is not None else None


def _words(key: str, language: str, **values: object) -> str:
    from pipeline.pages.terminal_text import TERMINAL

    return TERMINAL[key].say(language, **values)


def _say(key: str, language: str, **values: object) -> None:
    click.echo(_words(key, language, **values))


def _print(content: dict[str, Any]) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))
