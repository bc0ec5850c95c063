"""The codebook of a release: Markdown and HTML, in Norwegian and English, from the declarations alone.

What stands here is words for the members of the facts' enumerations; every fact about a variable is read
from `schemas`, how to read them from `explained`, and how a table was coarsened from `recoding_text`. The
only figures are those of the manifest, which are protected there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.identity.usable import OutputKind
from pipeline.releases.explained import Section, about_crosswalk, sections, statuses
from pipeline.releases.recoding_text import ALL_ALIKE, level_lists, level_words, may_be_any, paragraphs, title
from pipeline.releases.words import KIND_LABELS, LANGUAGES, WHOSE, unfit_words
from pipeline.requests.request import Output, Request, released_name, tables_of
from pipeline.templates import environment
from schemas.codes import ANY, CodeList
from schemas.research import Crosswalk
from schemas.variable import Column, Demand, Identifiability, Population, Table, columns, facts

# (nb, en) for each member; a test walks the enumerations.
DEMANDS = {
    Demand.GRANT: ("tilskuddskravet", "the grant claim"),
    Demand.NIR: ("Nasjonalt introduksjonsregister", "the national register (NIR)"),
    Demand.LAW: ("loven", "the law"),
    Demand.NOBODY: ("ingen", "nobody"),
}
POPULATIONS = {
    Population.EVERYONE: ("alle", "everyone"),
    Population.GRANT_ONLY: ("tilskuddsberettigede utenfor program", "grant-eligible, not in the programme"),
    Population.PARTICIPANTS: ("deltakere i introduksjonsprogram", "participants in the programme"),
}
IDENTIFIABILITIES = {
    Identifiability.DIRECT: ("direkte identifiserende", "directly identifying"),
    Identifiability.PSEUDONYM: ("pseudonym", "pseudonym"),
    Identifiability.INDIRECT: ("indirekte identifiserende", "indirectly identifying"),
    Identifiability.NONE: ("ikke identifiserende", "not identifying"),
}
TYPES = {
    "String": ("tekst", "text"),
    "Int64": ("heltall", "whole number"),
    "Date": ("dato", "date"),
    "Boolean": ("ja/nei", "yes/no"),
}
UNITS = {
    "year": ("år", "years"),
    "number": ("nummer", "number"),
}
WORDS = {
    "codebook": ("Kodebok", "Codebook"),
    "purpose": ("Formål", "Purpose"),
    "variable": ("Variabel", "Variable"),
    "meaning": ("Betydning", "Meaning"),
    "type": ("Type", "Type"),
    "asked_by": ("Etterspurt av", "Asked for by"),
    "asked_of": ("Gjelder", "Applies to"),
    "promised": ("Ventet utfylt", "Expected fill"),
    "derived_from": ("Avledet av", "Derived from"),
    "identifiability": ("Identifiserbarhet", "Identifiability"),
    "special": ("særlig kategori (GDPR art. 9)", "special category (GDPR art. 9)"),
    "code": ("Kode", "Code"),
    "label": ("Etikett", "Label"),
    "codes_of": ("Koder", "Codes"),
    "unknown": ("ukjent-kode", "code for unknown"),
    "level": ("Nivå", "Level"),
    "key": ("Nøkkel", "Primary key"),
    "since": ("fra", "since"),
    "no_promise": ("ikke lovet", "no promise"),
    "made_here": ("laget her", "made here"),
    "note": (
        "Ventet utfylt er det etterspørselen lover, ikke en måling; målingene står i kvalitetsrapporten.",
        "Expected fill is what the demand promises, not a measurement; those are in the quality report.",
    ),
    "contents": ("Innhold", "Contents"),
}
# A column of ours has no one who demands it.
_OURS = "uttrekk"


def codebook(
    request: Request,
    *,
    crosswalk: bool = False,
    unfit: Sequence[Mapping[str, Any]] = (),
    described: Sequence[Mapping[str, Any]] = (),
) -> dict[str, bytes]:
    """The codebook's four files by name: Markdown and HTML, nb and en.

    `crosswalk` says whether the release holds one: nobody asks for it. `unfit` are the stewards' marks on the
    fields that variables rest on, as the manifest has them (variable, owner, since, nb, en). `described` are
    the files as the manifest has them: a coarsened one says its levels there.
    """
    made = {}
    coarse = {Path(file["path"]).stem: file for file in described if "levels" in file}
    for language in LANGUAGES:
        content = _content(request, language, crosswalk, coarse)
        for table in content["tables"]:
            for variable in table["variables"]:
                variable["unfit"] = unfit_words(unfit, f"{table['name']}.{variable['name']}", language)
        for suffix in ("md", "html"):
            text = environment("pipeline.releases").get_template(f"codebook.{suffix}.j2").render(**content)
            made[f"codebook.{language}.{suffix}"] = text.encode()
    return made


def _content(
    request: Request, language: str, crosswalk: bool, coarse: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    at = LANGUAGES.index(language)
    more = [_crosswalk(language)] if crosswalk else []
    made = [
        _coarsened(output, name, coarse[name], language)
        for output in request.outputs
        for name in output.tables
        if name in coarse
    ]
    return {
        "language": language,
        "words": {name: pair[at] for name, pair in WORDS.items()},
        "title": getattr(request.title, language),
        "purpose": getattr(request.purpose, language),
        "sections": sections(request, language) + made + ([about_crosswalk(language)] if crosswalk else []),
        "tables": [
            # In declared order, so that the codebook depends on what is asked for, not on a file's layout.
            _asked_for(output, name, language, coarse.get(name))
            for output in request.outputs
            for name in tables_of(output.kind)
            if name in output.tables
        ]
        + more,
    }


def _coarsened(output: Output, name: str, file: Mapping[str, Any], language: str) -> Section:
    return Section(
        id=f"coarsening-{name}",
        title=title(name, language),
        paragraphs=paragraphs(output.approved(name), file, language),
        terms=(),
    )


def _asked_for(
    output: Output, name: str, language: str, described: Mapping[str, Any] | None
) -> dict[str, Any]:
    whose = WHOSE.get(output.population)
    said = [getattr(KIND_LABELS[output.kind], language), *([getattr(whose, language)] if whose else [])]
    table, approved = tables_of(output.kind)[name], output.approved(name)
    return _table(table, approved, " · ".join(said), language, described)


def _crosswalk(language: str) -> dict[str, Any]:
    said = getattr(KIND_LABELS[OutputKind.PSEUDONYMISED], language)
    return _table(Crosswalk, columns(Crosswalk), said, language)


def _table(
    table: type[Table],
    shown: tuple[Column, ...],
    said: str,
    language: str,
    described: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    about = facts(table)
    return {
        "name": released_name(table),
        "label": getattr(about, language),
        "about": said,
        "key": list(about.primary_key),
        "variables": [_variable(c, language, described) for c in shown],
    }


def _variable(column: Column, language: str, described: Mapping[str, Any] | None) -> dict[str, Any]:
    about, at = column.about, LANGUAGES.index(language)
    listed = level_lists(column, described)
    ours = about.source == _OURS
    return {
        "name": column.name,
        "label": getattr(about, language),
        "type": TYPES[str(column.dtype)][at] + (f" ({UNITS[about.unit][at]})" if about.unit else ""),
        "demand": WORDS["made_here"][at] if ours else DEMANDS[about.demand][at],
        "since": about.demanded_from.isoformat() if about.demanded_from else "",
        "population": POPULATIONS[about.applies_to][at],
        "promised": _percent(about.min_filled, language) if about.min_filled else WORDS["no_promise"][at],
        "derived_from": list(about.derived_from),
        "identifiability": IDENTIFIABILITIES[about.identifiability][at],
        "special": about.special_category,
        "level": level_words(column, described, language),
        "codes": _codes(column, listed, described, language),
        "list_name": " → ".join(getattr(each, language) for each in listed) or ANY,
    }


def _codes(
    column: Column, listed: Sequence[CodeList], described: Mapping[str, Any] | None, language: str
) -> list[dict[str, str]]:
    """The codes that can stand there, with their labels; codes that are their own labels share a line."""
    said = f" · {WORDS['unknown'][LANGUAGES.index(language)]}"
    possible = statuses(column)
    found: dict[str, str] = {}
    for each in listed:
        labels = each.labels(language)
        if own := [value for value, label in labels.items() if value == label]:
            found[f"{own[0]} … {own[-1]}"] = getattr(each, language)
        found |= {
            value: label + (said if value in each.unknown else "")
            for value, label in labels.items()
            if value != label and (possible is None or value in possible)
        }
    if described and column.about.coarsened and may_be_any(column, described):
        found[ANY] = getattr(ALL_ALIKE, language)
    return [{"value": value, "label": label} for value, label in found.items()]


def _percent(share: float, language: str) -> str:
    """As each language writes it: 97 % in Norwegian, 97% in English."""
    sign = "\N{NO-BREAK SPACE}%" if language == "nb" else "%"
    return f"{share * 100:.0f}{sign}"
