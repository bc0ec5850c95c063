"""The figures that turn a measurement into a finding, each with its owner, its reason and its date.

What does not belong here: what a field promises (`min_filled` is the schema's), and disclosure's own
threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

_FIRST = date(2026, 11, 22)
# Proposals of the project: whoever takes one over puts a name here.
_OWNER = "uttrekk"


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A figure somebody decided: who owns it, why it is so, and since when."""

    value: int
    unit: str
    nb: str
    en: str
    owner: str = _OWNER
    decided: date = _FIRST


SPARSE_MARGIN = Threshold(
    value=50,
    unit="permille",
    nb="Et felt er tynt når andelen med verdi ligger mer enn 5 prosentpoeng under det som er lovet: mindre "
    "avvik kommer og går fra år til år.",
    en="A field is sparse when the share with a value is more than 5 percentage points below what is "
    "promised: smaller gaps come and go from year to year.",
)
FEWEST_TO_JUDGE = Threshold(
    value=30,
    unit="units",
    nb="Under 30 forventede verdier bedømmes ikke: da kan tilfeldigheter alene flytte andelen mer enn "
    "marginen.",
    en="Fewer than 30 expected values are not judged: chance alone can then move the share by more than the "
    "margin.",
)
LATEST_YEARS = Threshold(
    value=3,
    unit="years",
    nb="«Siste år» er de tre siste kalenderårene til og med nattens dato: dagens praksis, uten at ett enkelt "
    "år avgjør.",
    en="“Latest years” are the three last calendar years up to the night's date: today's practice, without "
    "one single year deciding.",
)
UNEVEN_SPREAD = Threshold(
    value=300,
    unit="permille",
    nb="Et felt er ujevnt når det er minst 30 prosentpoeng mellom bydelen som fyller mest og den som fyller "
    "minst: da kan ikke bydeler sammenlignes på feltet.",
    en="A field is uneven when at least 30 percentage points separate the bydel that fills most from the one "
    "that fills least: bydeler cannot then be compared on it.",
)
FEWEST_BYDELER = Threshold(
    value=3,
    unit="bydeler",
    nb="Ujevnhet måles bare der minst tre bydeler har nok å bedømme.",
    en="Unevenness is measured only where at least three bydeler have enough to judge.",
)
FEWEST_PER_ADVISER = Threshold(
    value=20,
    unit="units",
    nb="En programrådgivers andel regnes med i spredningen bare når den bygger på minst 20.",
    en="An adviser's share counts in the spread only when it rests on at least 20.",
)
FEWEST_ADVISERS = Threshold(
    value=8,
    unit="advisers",
    nb="Spredningen mellom programrådgivere vises bare når minst åtte rådgivere inngår: da ligger minst to "
    "i hver ende, og hvert tall er gjennomsnittet av to. En rådgiver vises aldri.",
    en="The spread between advisers is shown only when at least eight of them are in it: then at least two "
    "lie at each end, and each figure is the mean of two. An adviser is never shown.",
)

QUARANTINE_SHARE = Threshold(
    value=5,
    unit="permille",
    nb="Karantenen trenger noen i dag når én regel holder tilbake minst en halv prosent av tabellens rader: "
    "mindre er enkeltfeil.",
    en="The quarantine needs someone today when one rule holds back at least half a percent of a table's "
    "rows: less is single errors.",
)

THRESHOLDS: tuple[Threshold, ...] = (
    SPARSE_MARGIN,
    FEWEST_TO_JUDGE,
    LATEST_YEARS,
    UNEVEN_SPREAD,
    FEWEST_BYDELER,
    FEWEST_PER_ADVISER,
    FEWEST_ADVISERS,
    QUARANTINE_SHARE,
)
