"""What a codebook says of a coarsened file: its targets, what it took to meet them, each variable's level.

The figures are those of the manifest, protected there already; what stands here is words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.disclosure.roles import Mode
from pipeline.disclosure.usual import MOST_MOVED, STEPS
from pipeline.releases.coarsened import Levels
from pipeline.releases.households import TOLD as HOUSEHOLD_TOLD
from pipeline.requests.request import Bilingual
from schemas.codes import ANY, CodeList
from schemas.variable import Column

PERCENT = {"nb": "\N{NO-BREAK SPACE}%", "en": "%"}
TITLE = Bilingual(nb="Slik er {table} forgrovet", en="How {table} is coarsened")
TARGETS = Bilingual(
    nb="Hver kombinasjon av det andre kan vite om en person, deles av personer fra minst {k} husstander. "
    "{household} For særlige kategorier er det ingen slik gruppe der alle registrerte verdier er av dem som "
    "kan brukes mot noen, og ingen gruppe ligger lenger fra det vanlige enn t = {t}. Det vanlige er "
    "fordelingen i radene her, eller i versjonen den sist ble talt opp i, i trinn på {least} til {most} "
    "prosent; den står i manifest.json og ligger fast så lenge den er innenfor {moved} fra radene her. Der "
    "ingen står, er det fordelingen i hele tabellen før rader ble tatt ut. Blankt, «ukjent» og «ikke "
    "registrert» er ikke registrerte verdier.",
    en="Every combination of what others may know of a person is shared by persons of at least {k} "
    "households. {household} Of special categories there is no such group in which all registered values are "
    "among those that may be held against somebody, and no group is further from what is usual than t = {t}. "
    "Usual is how the values are spread in the rows here, or in the version they were last counted in, in "
    "steps of {least} to {most} percent; it stands in manifest.json, and stands still while it is within "
    "{moved} of the rows here. Where none stands, it is how they are spread in the whole table before rows "
    "were left out. Blank, «unknown» and «not registered» are no registered values.",
)
SUPPRESSED = {
    True: Bilingual(
        nb="Tatt ut for å nå dette: omtrent {shown} rader; høyst {most} av radene kan tas ut.",
        en="Left out to get there: about {shown} rows; at most {most} of the rows may be.",
    ),
    False: Bilingual(
        nb="Tatt ut for å nå dette: ingen rader, eller for få til å vises; høyst {most} av radene kan tas "
        "ut.",
        en="Left out to get there: no rows, or too few to show; at most {most} of the rows may be.",
    ),
}
LOSS = Bilingual(
    nb="Tapt detalj i radene som er med: {loss}, der 0 er alt i behold og 1 er ingenting igjen. Det "
    "forespørselen gir mest vekt, teller mest.",
    en="Detail lost in the rows that are there: {loss}, where 0 is everything kept and 1 is nothing left. "
    "What the request gives most weight counts most.",
)
# How the levels of this version came about; a test walks the enumeration.
CAME_ABOUT = {
    Levels.NEW: Bilingual(
        nb="Nivåene er valgt på nytt i denne versjonen.", en="The levels were chosen anew for this version."
    ),
    Levels.KEPT: Bilingual(
        nb="Nivåene er de samme som i versjonen før.",
        en="The levels are those of the version before.",
    ),
    Levels.COARSER: Bilingual(
        nb="Nivåene i versjonen før nådde ikke målene lenger. Noen er grovere nå, ingen er finere.",
        en="The levels of the version before did not meet the targets any more. Some are coarser now, none "
        "is finer.",
    ),
}
BY_CLASS = Bilingual(
    nb="Nivåene er forskjellige fra gruppe til gruppe: en verdi kan stå på flere nivåer, og kodene under er "
    "av alle.",
    en="Levels differ from group to group: a value may stand at several levels, and the codes below are of "
    "all of them.",
)
CUTS = Bilingual(
    nb="Hvordan gruppene er delt, står i {path}; neste versjon tar den samme delingen igjen.",
    en="How the groups were parted stands in {path}; the next version takes the same parting again.",
)
COARSEST = Bilingual(
    nb="Bestilt ikke grovere enn: {limits}. Grupper som skal sammenlignes, er derfor ikke slått sammen; den "
    "som ikke kunne skjules slik, er tatt ut.",
    en="Asked for no coarser than: {limits}. Groups that are to be compared are therefore not merged; who "
    "could not be hidden so was left out.",
)
RENEWED = Bilingual(
    nb="Det vanlige er talt opp på nytt i denne versjonen for: {names}.",
    en="What is usual was counted anew in this version of: {names}.",
)
ALL_ALIKE = Bilingual(nb="alle verdier er slått sammen", en="all values are one")
ANY_LEVEL = Bilingual(nb="flere nivåer", en="several levels")
UP = " \N{RIGHTWARDS ARROW} "  # from a level to the next coarser one
AS_ASKED = Bilingual(nb="fineste nivå", en="the finest level")


def title(table: str, language: str) -> str:
    """The headline."""
    return _in(TITLE, language).format(table=table)


def paragraphs(shown: Sequence[Column], described: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """What is said of a coarsened file with these columns that the manifest describes so."""
    out = described["suppressed_rows"]["shown"]
    most = f"{_decimal(described['suppression'] * 100, language)}{PERCENT[language]}"
    return (
        _in(TARGETS, language).format(
            k=described["k"],
            t=_decimal(described["t"], language),
            household=_in(HOUSEHOLD_TOLD, language),
            least=STEPS[0],
            most=STEPS[-1],
            moved=_decimal(float(MOST_MOVED), language),
        ),
        _in(SUPPRESSED[out is not None], language).format(shown=out, most=most),
        *_limits(shown, described, language),
        _in(LOSS, language).format(loss=_decimal(described["loss"], language)),
        *((_in(BY_CLASS, language),) if described["mode"] == Mode.CLASS else ()),
        *((_in(CUTS, language).format(**described["cuts"]),) if described.get("cuts") else ()),
        _in(CAME_ABOUT[Levels(described["recoding"])], language),
        *_renewed(shown, described, language),
    )


def _renewed(shown: Sequence[Column], described: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """Of which variables what is usual was counted anew, where the recoding is an earlier version's."""
    if described["recoding"] == Levels.NEW:
        return ()
    names = ", ".join(getattr(c.about, language) for c in shown if c.name in described["usual_anew"])
    return (_in(RENEWED, language).format(names=names),) if names else ()


def _limits(shown: Sequence[Column], described: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """Which variables may become how coarse at most; nothing where nobody asked."""
    said = [
        f"{getattr(c.about, language)} "
        f"({_in(c.about.codes.ladder()[limit['level']] if limit['level'] else AS_ASKED, language)})"
        for c in shown
        if c.about.codes is not None and (limit := described["coarsest"].get(c.name)) is not None
    ]
    return (_in(COARSEST, language).format(limits=", ".join(said)),) if said else ()


def level_lists(column: Column, described: Mapping[str, Any] | None) -> tuple[CodeList, ...]:
    """The lists whose codes can stand in the column, finest first; of a file not described, the finest."""
    if column.about.codes is None:
        return ()
    if described is None or not column.about.coarsened:
        return (column.about.codes,)
    ladder = column.about.codes.ladder()
    if described["mode"] == Mode.CLASS:
        return ladder[: _limit(column, described) + 1]
    level = described["levels"][column.name]["level"]
    return ladder[level : level + 1]


def level_words(column: Column, described: Mapping[str, Any] | None, language: str) -> str:
    """The level of a coarsened column, in words; empty for any other column."""
    if described is None or not column.about.coarsened:
        return ""
    found = level_lists(column, described)
    if not found:
        return f"{ANY}: {_in(ALL_ALIKE, language)}"
    if described["mode"] == Mode.CLASS:
        stand = [*(_in(each, language) for each in found), *([ANY] if may_be_any(column, described) else [])]
        return f"{_in(ANY_LEVEL, language)}: {UP.join(stand)}" if len(stand) > 1 else stand[0]
    finest = f" ({_in(AS_ASKED, language)})" if found[0] == column.about.codes else ""
    return _in(found[0], language) + finest


def may_be_any(column: Column, described: Mapping[str, Any]) -> bool:
    """Whether a coarsened column is, or in some class may be, so coarse that all values are one."""
    by_class = described["mode"] == Mode.CLASS and column.name not in described["coarsest"]
    return by_class or not level_lists(column, described)


def _limit(column: Column, described: Mapping[str, Any]) -> int:
    """The highest level the column may stand at; where nobody asked, that above all its lists."""
    assert column.about.codes is not None
    asked = described["coarsest"].get(column.name)
    return int(asked["level"]) if asked is not None else len(column.about.codes.ladder())


def _in(text: Bilingual | CodeList, language: str) -> str:
    return text.nb if language == "nb" else text.en


def _decimal(number: float, language: str) -> str:
    text = f"{number:g}"
    return text.replace(".", ",") if language == "nb" else text
