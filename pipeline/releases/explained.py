"""How a release is to be read: what an outcome is, and what stands where a value does not.

The definitions are those of `linkage.outcomes`, the years are worked out from its windows, the labels are
those of `schemas.codes`. What stands here is what no declaration says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.linkage.outcomes import WINDOWS, OutcomeWindow
from pipeline.requests.request import Bilingual, Request
from schemas import codes
from schemas.registers.employment import FIRST_A_MELDING_YEAR
from schemas.variable import Column, ValueState

# What each state of a value means; a test walks the enumeration.
STATES = {
    ValueState.VALUE: Bilingual(nb="spurt og besvart", en="asked and answered"),
    ValueState.UNKNOWN: Bilingual(
        nb="spurt, men svaret er «ukjent»", en="asked, but the answer is «unknown»"
    ),
    ValueState.NOT_APPLICABLE: Bilingual(
        nb="spørsmålet gjelder ikke personen", en="the question does not apply to the person"
    ),
    ValueState.NOT_ASKED: Bilingual(
        nb="feltet er tomt, og ingen vet hvorfor", en="the field is blank, and nobody knows why"
    ),
}
OUTCOMES = Bilingual(nb="Slik leses utfallene", en="How to read the outcomes")
ABOUT_OUTCOMES = (
    Bilingual(
        nb=(
            "Utfallene gjelder avslutningskohorten: alle som har avsluttet et program innen uttrekkets dato, "
            "hver person én gang, med sin siste avslutning. Programmet må ha en sluttdato; personer uten "
            "sluttdato er ikke med. Den som slutter i omsorgspermisjon etter fødsel og ikke kommer tilbake, "
            "regnes fra permisjonens slutt."
        ),
        en=(
            "The outcomes are those of the exit cohort: everybody who has ended a programme by the date of "
            "the extract, each person once, with the last exit. The programme must have an end date; persons "
            "without one are not in it. Who ends on care leave after birth and does not return is counted "
            "from the end of the leave."
        ),
    ),
    Bilingual(
        nb=(
            "En andel er antallet i telleren delt på antallet i nevneren (in_numerator og in_denominator i "
            "tabellen outcome). En status sier hva som ble observert; den er tom (NULL) når utfallet ikke er "
            "observert."
        ),
        en=(
            "A share is the number in the numerator divided by the number in the denominator (in_numerator "
            "and in_denominator in the table outcome). A status says what was observed; it is blank (NULL) "
            "where the outcome is not observed."
        ),
    ),
    Bilingual(
        nb=(
            "I kolonnen censoring betyr «{observed}» at utfallet er kjent og at personen står i nevneren. De "
            "andre kodene sier hvorfor utfallet ikke er kjent; da står personen verken i telleren eller "
            "nevneren."
        ),
        en=(
            "In the column censoring, «{observed}» means that the outcome is known and that the person is in "
            "the denominator. The other codes say why it is not known; the person is then in neither the "
            "numerator nor the denominator."
        ),
    ),
    Bilingual(
        nb=(
            "«{work}» krever både timer og lønn i registeret den måneden; timer uten lønn er ikke nok. "
            "Grunnskole er «{other}», ikke utdanning. «{unknown}» er den ingen av registrene vet noe om den "
            "måneden. Kolonnen series sier på hvilken side av bruddet i 2015 det er målt."
        ),
        en=(
            "«{work}» takes both hours and pay in the register that month; hours without pay are not enough. "
            "Compulsory school is «{other}», not education. «{unknown}» is whoever no register knows "
            "anything of that month. The column series says on which side of the break in 2015 it was "
            "measured."
        ),
    ),
    Bilingual(
        nb=(
            "Samme person kan ha programmer som overlapper i tid. Legg derfor ikke sammen månedene fra flere "
            "programmer."
        ),
        en=(
            "The programmes of one person may overlap in time. Do not add up the months of several "
            "programmes."
        ),
    ),
)
VALUES = Bilingual(nb="Slik leses verdiene", en="How to read the values")
ABOUT_VALUES = (
    Bilingual(
        nb="NULL betyr at det ikke står noe i feltet. Det er verken null, nei eller «ukjent».",
        en="NULL means that nothing stands in the field. It is neither zero, no nor «unknown».",
    ),
    Bilingual(
        nb=(
            "En ukjent-kode betyr at noen har svart «ukjent» eller at verdien ikke lar seg plassere. Den er "
            "merket i kodelistene under. Et tall som står for «ukjent», er tatt ut og er NULL."
        ),
        en=(
            "A code for unknown means that somebody has answered «unknown», or that the value cannot be "
            "placed. It is marked in the code lists below. A number that stands for «unknown» has been taken "
            "out and is NULL."
        ),
    ),
)
# Only where a column is coarsened.
FILLED = (
    Bilingual(
        nb="I kolonner som står med et nivå, er ingen felt tomme: ukjent-koden står også for det som ikke er "
        "registrert.",
        en="In columns that stand with a level no field is blank: the code for unknown also stands for what "
        "is not registered.",
    ),
)
ABOUT_STATES = (
    Bilingual(
        nb="En kolonne som slutter på _state, sier hvilken av fire tilstander verdien er i:",
        en="A column whose name ends in _state says which of four states the value is in:",
    ),
)
BREAK = Bilingual(
    nb="Sysselsettingsregisteret ble lagt om i {year}: tallene for avslutningsår {first} og senere kan ikke "
    "uten videre sammenlignes med tidligere år.",
    en="The employment register was changed in {year}: figures for exit year {first} and later cannot simply "
    "be compared with earlier years.",
)
COUNTS = Bilingual(
    nb="I telleren: {counts}. Mulige statuser: {all}.", en="Counted: {counts}. Possible: {all}."
)


CROSSWALK = Bilingual(nb="Slik leses endrede pseudonymer", en="How to read changed pseudonyms")
ABOUT_CROSSWALK = (
    Bilingual(
        nb=(
            "Tabellen crosswalk sier hvilke pseudonymer i prosjektets tidligere versjoner som har fått et "
            "nytt ved siden av seg eller i sitt sted. Den følger bare med når det er noe å fortelle, og bare "
            "om personer som er med i uttrekket. Pseudonymer som ikke står der, gjelder som før."
        ),
        en=(
            "The table crosswalk says which pseudonyms of the project's earlier versions have got another "
            "beside them or in their place. It is there only when there is something to tell, and only of "
            "persons who are in the extract. Pseudonyms that are not in it stand as before."
        ),
    ),
)
# What each reason asks of a reader; a test walks the list of codes.
SUCCESSIONS = {
    "merge": Bilingual(
        nb="Det nye pseudonymet gjelder i stedet for det gamle.",
        en="The new pseudonym stands in the place of the former.",
    ),
    "split": Bilingual(
        nb="Noe av det som sto under det gamle pseudonymet, står nå under det nye.",
        en="Some of what stood under the former pseudonym now stands under the new.",
    ),
}


GROUPED = Bilingual(nb="Slik leses den forgrovede tabellen", en="How to read the coarsened table")
ABOUT_GROUPED = (
    Bilingual(
        nb=(
            "Statusen er samlet i grupper, utenom i status_y0. «{not_known}» (not_known) er et svar: "
            "personen er med i nevneren. Blankt er ikke et svar: utfallet er ikke observert, og personen er "
            "verken i telleren eller nevneren."
        ),
        en=(
            "The status is gathered in groups, but for status_y0. «{not_known}» (not_known) is an "
            "answer: the person is in the denominator. Blank is no answer: the outcome is not observed, and "
            "the person is in neither the numerator nor the denominator."
        ),
    ),
    Bilingual(
        nb=(
            "Andel i {column} = rader med work_or_education / rader som ikke er blanke i {column}. Rader som "
            "er tatt ut for å verne personer, mangler i begge."
        ),
        en=(
            "Share in {column} = rows with work_or_education / rows that are not blank in {column}. Rows "
            "taken out to protect persons are missing from both."
        ),
    ),
    Bilingual(
        nb=(
            "{column}: avslutningsår før {first} er målt i det gamle registeret, {first} og senere i "
            "a-meldingen ({year}). En andel som samler avslutningsår på begge sider, blander de to."
        ),
        en=(
            "{column}: exit years before {first} are measured in the old register, {first} and later in the "
            "a-melding ({year}). A share over exit years on both sides mixes the two."
        ),
    ),
)
GATHERS = Bilingual(nb="Samler: {statuses}.", en="Gathers: {statuses}.")


@dataclass(frozen=True)
class Section:
    """A headline, the paragraphs under it, and the terms they list."""

    id: str
    title: str
    paragraphs: tuple[str, ...]
    terms: tuple[tuple[str, str, str], ...]


def sections(request: Request, language: str) -> list[Section]:
    """What the release's codebook says before its tables."""

    def say(texts: tuple[Bilingual, ...], **words: Any) -> tuple[str, ...]:
        return tuple(getattr(text, language).format(**words) for text in texts)

    coarsened = any(c.about.coarsened for c in _released(request))
    states = codes.VALUE_STATE.labels(language)
    known = codes.OUTCOME_STATUS.labels(language) | codes.CENSORING.labels(language)
    values = Section(
        id="reading-values",
        title=getattr(VALUES, language),
        paragraphs=say(ABOUT_VALUES) + say(FILLED if coarsened else ()) + say(ABOUT_STATES),
        terms=tuple((s.value, states[s.value], getattr(STATES[s], language)) for s in ValueState),
    )
    outcomes = Section(
        id="reading-outcomes",
        title=getattr(OUTCOMES, language),
        paragraphs=say(ABOUT_OUTCOMES, **known),
        terms=tuple(_window(window, language) for window in WINDOWS),
    )
    grouped = [_grouped(listed, language)] if (listed := _grouped_windows(request)) else []
    return [outcomes, *grouped, values] if _has_outcomes(request) else [values]


def about_crosswalk(language: str) -> Section:
    """What the codebook says of changed pseudonyms, in a release that has any."""
    labels = codes.SUCCESSION.labels(language)
    return Section(
        id="reading-crosswalk",
        title=getattr(CROSSWALK, language),
        paragraphs=tuple(getattr(text, language) for text in ABOUT_CROSSWALK),
        terms=tuple((code, labels[code], getattr(SUCCESSIONS[code], language)) for code in labels),
    )


def statuses(column: Column) -> tuple[str, ...] | None:
    """The statuses that can stand in a column of one outcome; None for any other column."""
    if column.about.codes not in codes.OUTCOME_STATUS.ladder():
        return None
    had = next((w.priority for w in WINDOWS if column.name == f"status_{w.id}"), None)
    if had is None or column.about.codes == codes.OUTCOME_STATUS:
        return had
    return tuple(dict.fromkeys(codes.OUTCOME_STATUS.parents()[status] for status in had))


def _grouped_windows(request: Request) -> dict[str, OutcomeWindow]:
    """The released columns that hold an outcome's status by group, in the order of the windows."""
    released = {c.name for c in _released(request) if c.about.codes == codes.OUTCOME_STATUS_GROUP}
    return {name: w for w in WINDOWS if (name := f"status_{w.id}") in released}


def _grouped(windows: dict[str, OutcomeWindow], language: str) -> Section:
    """How a share is worked out from the groups, and between which exit years the series breaks."""
    labels, parents = codes.OUTCOME_STATUS.labels(language), codes.OUTCOME_STATUS.parents()
    groups = codes.OUTCOME_STATUS_GROUP.labels(language)
    about, share, broken = (getattr(text, language) for text in ABOUT_GROUPED)
    possible = {status for w in windows.values() for status in w.priority}
    gathered = {
        group: [labels[s] for s in labels if parents[s] == group and s in possible] for group in groups
    }
    return Section(
        id="reading-coarsened",
        title=getattr(GROUPED, language),
        paragraphs=(
            about.format(**groups),
            *(share.format(column=column) for column in windows),
            *(
                broken.format(column=column, first=first, year=FIRST_A_MELDING_YEAR)
                for column, w in windows.items()
                if (first := w.first_exit_year_after_break)
            ),
        ),
        terms=tuple(
            (group, groups[group], getattr(GATHERS, language).format(statuses=", ".join(found)))
            for group, found in gathered.items()
            if found
        ),
    )


def _has_outcomes(request: Request) -> bool:
    of_outcomes = (codes.OUTCOME, *codes.OUTCOME_STATUS.ladder())
    return any(c.about.codes in of_outcomes for c in _released(request))


def _released(request: Request) -> list[Column]:
    return [c for output in request.outputs for name in output.tables for c in output.approved(name)]


def _window(window: OutcomeWindow, language: str) -> tuple[str, str, str]:
    """Its code, its label, and its definition with what counts and where the series breaks."""
    labels = codes.OUTCOME_STATUS.labels(language)
    said = " ".join(
        [
            getattr(window, language),
            getattr(COUNTS, language).format(
                counts=", ".join(labels[s].lower() for s in window.numerator),
                all=", ".join(labels[s].lower() for s in window.priority),
            ),
            *_break(window, language),
        ]
    )
    return window.id, codes.OUTCOME.labels(language)[window.id], said


def _break(window: OutcomeWindow, language: str) -> list[str]:
    first = window.first_exit_year_after_break
    if first is None:
        return []
    return [getattr(BREAK, language).format(year=FIRST_A_MELDING_YEAR, first=first)]
