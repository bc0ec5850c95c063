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

FALSE_DISCOVERIES = Threshold(
    value=50,
    unit="permille",
    nb="Et merke som bygger på en test settes bare når høyst 5 % av funnene under samme merke ventes å være "
    "tilfeldige (Benjamini og Hochberg).",
    en="A flag that rests on a test is raised only when at most 5 % of the findings under that flag are "
    "expected to be chance (Benjamini and Hochberg).",
)
ADVISER_SPREAD = Threshold(
    value=200,
    unit="permille",
    nb="Rådgivere er ujevne når den midterste halvparten av dem ligger spredt over minst 20 prosentpoeng.",
    en="Advisers are uneven when the middle half of them is spread over at least 20 percentage points.",
)
SHIFT_LEAST = Threshold(
    value=100,
    unit="permille",
    nb="Et brudd er en endring på minst 10 prosentpoeng fra ett år til det neste: da kan ikke årene leses "
    "som "
    "én serie.",
    en="A break is a change of at least 10 percentage points from one year to the next: the years can then "
    "not "
    "be read as one series.",
)
DECAY_YEARS = Threshold(
    value=5,
    unit="years",
    nb="Om et felt svekkes, måles over de fem siste hele årene.",
    en="Whether a field is decaying is measured over the five last whole years.",
)
DECAY_LEAST = Threshold(
    value=50,
    unit="permille",
    nb="Et felt svekkes når andelen har falt minst 5 prosentpoeng over disse årene.",
    en="A field is decaying when the share has fallen at least 5 percentage points over those years.",
)
RIPE_SHARE = Threshold(
    value=950,
    unit="permille",
    nb="Et år er modent når minst 95 % av verdiene som til slutt kommer, er kommet: det som mangler, flytter "
    "da andelen med mindre enn halvparten av det minste bruddet.",
    en="A year is ripe when at least 95 % of the values that come in the end have come: what is lacking then "
    "moves the share by less than half of the least break.",
    decided=date(2026, 11, 23),
)
RIPE_MONTHS = Threshold(
    value=12,
    unit="months",
    nb="Der ingen dato sier når verdiene kommer, og ingen frist er satt, er et år modent når det har vært "
    "over i tolv måneder: heller et brudd som meldes et år for sent enn et som ikke er der.",
    en="Where no date tells when values come, and no time limit is set, a year is ripe when it has been over "
    "for twelve months: rather a break told a year late than one that is not there.",
    decided=date(2026, 11, 23),
)
LATE_SHARE = Threshold(
    value=100,
    unit="permille",
    nb="Et felt er sent når mer enn 10 % av verdiene kom etter fristen, eller ennå er ventet.",
    en="A field is late when more than 10 % of its values came after the time limit, or are still to come.",
)
NOWCAST_MONTHS = Threshold(
    value=24,
    unit="months",
    nb="Ventet fyllingsgrad til slutt regnes for hendelser de siste 24 månedene: eldre er kommet inn.",
    en="The share expected in the end is worked out for events of the last 24 months: older ones are in.",
)
ONE_MOMENT = Threshold(
    value=50,
    unit="permille",
    nb="Verdier er skrevet i bunke når én dag har minst 5 % av dem.",
    en="Values were written in a batch when one day has at least 5 % of them.",
)
FIRST_OF_JANUARY = Threshold(
    value=20,
    unit="permille",
    nb="Datoer er satt til 1. januar når minst 2 % faller på den dagen: én av 365 er 0,3 %.",
    en="Dates are set to 1 January when at least 2 % fall on that day: one in 365 is 0.3 %.",
)
HEAPING = Threshold(
    value=200,
    unit="permille",
    nb="Tall hoper seg opp når andelen som går opp i 5 eller 10 er minst 20 prosentpoeng over det som "
    "ventes av "
    "nabotallene.",
    en="Numbers heap when the share divisible by 5 or 10 is at least 20 percentage points above what their "
    "neighbours lead one to expect.",
)
ONE_DEFAULT = Threshold(
    value=990,
    unit="permille",
    nb="Et felt har en forhåndsvalgt verdi når minst 99 % av det som er fylt er én og samme verdi.",
    en="A field has a default when at least 99 % of what is filled is one and the same value.",
)
BATCH_CLOSED = Threshold(
    value=50,
    unit="permille",
    nb="Forløp er avsluttet i bunke når én dag har minst 5 % av et års avslutninger i en bydel.",
    en="Spells were closed in a batch when one day has at least 5 % of a year's ends in a bydel.",
)
INFORMATIVE_LEAST = Threshold(
    value=100,
    unit="permille",
    nb="Manglende verdier henger sammen med noe når Cramérs V er minst 0,1, eller forskjellen i andel som "
    "mangler er minst 10 prosentpoeng: da er en analyse av bare dem med "
    "verdi skjev.",
    en="Missing values are associated with something when Cramér's V is at least 0.1, or the difference in "
    "the share missing is at least 10 percentage points: an analysis of those "
    "with "
    "a value alone is then biased.",
)
CONTRADICTED_SHARE = Threshold(
    value=1,
    unit="permille",
    nb="Motstrid meldes når minst én av tusen rader motsier en annen kilde eller seg selv.",
    en="A contradiction is reported when at least one row in a thousand contradicts another source or "
    "itself.",
)
FREE_TEXT_SHARE = Threshold(
    value=1,
    unit="permille",
    nb="Fritekst meldes når minst én av tusen verdier i feltet er tekst som ikke hører hjemme der.",
    en="Free text is reported when at least one value in a thousand is text that does not belong there.",
)
GRADE_A = Threshold(
    value=900,
    unit="permille",
    nb="Karakteren A krever at minst 90 % av dem som skulle hatt en verdi har en.",
    en="Grade A takes that at least 90 % of those who should have a value have one.",
)
GRADE_B = Threshold(
    value=600,
    unit="permille",
    nb="Under 60 % gir C: en analyse må da behandle det som mangler.",
    en="Under 60 % gives C: an analysis must then treat what is missing.",
)
GRADE_C = Threshold(
    value=200,
    unit="permille",
    nb="Under 20 % gir D: det som er registrert sier lite om de andre.",
    en="Under 20 % gives D: what is registered says little about the others.",
)
MANY_UNKNOWN = Threshold(
    value=100,
    unit="permille",
    nb="Mange er ukjent når minst 10 % av dem som skulle hatt en verdi er registrert som ukjent.",
    en="Many are unknown when at least 10 % of those who should have a value are registered as unknown.",
)

QUARANTINE_SHARE = Threshold(
    value=5,
    unit="permille",
    nb="Karantenen trenger noen i dag når én regel holder tilbake minst en halv prosent av tabellens rader: "
    "mindre er enkeltfeil.",
    en="The quarantine needs someone today when one rule holds back at least half a percent of a table's "
    "rows: less is single errors.",
)

_WORSE = date(2026, 11, 23)
WORSE_EFFECT = Threshold(
    value=100,
    unit="permille",
    nb="Et funn er blitt verre når effekten med sikkerhet har økt minst 10 prosentpoeng: mindre kan komme av "
    "avrundingen alene. Et tynt felt er blitt verre når andelen med verdi står i et lavere intervall.",
    en="A finding has become worse when its effect has certainly grown by at least 10 percentage points: "
    "less may come of the rounding alone. A sparse field has become worse when the share with a value "
    "stands in a lower band.",
    decided=_WORSE,
)
WORSE_AFFECTED = Threshold(
    value=500,
    unit="permille",
    nb="Et funn er blitt verre når det med sikkerhet gjelder minst halvparten flere tilfeller enn før.",
    en="A finding has become worse when it certainly concerns at least half as many instances again.",
    decided=_WORSE,
)

THRESHOLDS: tuple[Threshold, ...] = tuple(v for v in list(globals().values()) if isinstance(v, Threshold))
_NAMES = {id(v): name.lower() for name, v in list(globals().items()) if isinstance(v, Threshold)}


def name_of(threshold: Threshold) -> str:
    """The threshold's name in a result: stable from night to night."""
    return _NAMES[id(threshold)]
