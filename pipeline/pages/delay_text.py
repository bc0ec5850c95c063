"""The words about what comes late and what has changed over the years, in nb and en.

What does not belong here: what the checks of delays and trends found (`finding_text.py`).
"""

from __future__ import annotations

from pipeline.pages.phrase import Phrase

DELAY_TEXT: dict[str, Phrase] = {
    # delays and trends
    "delay": Phrase("Hvor sent kommer verdiene?", "How late do values come?"),
    "delay_lead": Phrase(
        "Andel av dem som til slutt blir registrert, etter måneder siden hendelsen, i trinn på 5 %. Under "
        "{fewest} fulgt så lenge tegnes ikke.",
        "Share of those registered in the end, by months since the event, in steps of 5 %. Fewer than "
        "{fewest} "
        "followed that long are not drawn.",
    ),
    "delay_none": Phrase("Ingen forsinkelse kunne måles.", "No delay could be measured."),
    "delay_said": Phrase(
        "halvparten er registrert {half}, 90\N{NO-BREAK SPACE}% {most}.",
        "half are registered {half}, 90\N{NO-BREAK SPACE}% {most}.",
    ),
    "delay_months": Phrase("innen {months} måneder", "within {months} months"),
    "delay_at_once": Phrase("samme måned", "in the same month"),
    "delay_month": Phrase("innen én måned", "within one month"),
    "delay_later": Phrase("senere enn {months} måneder", "later than {months} months"),
    "delay_axis": Phrase("måneder", "months"),
    "delay_table": Phrase("Tallene bak kurvene", "The figures behind the curves"),
    "months": Phrase("Måneder", "Months"),
    "registered_by_then": Phrase("Registrert innen da", "Registered by then"),
    "followed": Phrase("Fulgt så lenge", "Followed that long"),
    "trends": Phrase("Hva har endret seg?", "What has changed?"),
    "trends_lead": Phrase(
        "Felt med brudd eller fall: for hvert år intervallet andelen med verdi ligger i. Stiplet strek: "
        "brudd. "
        "Skravert: skjult.",
        "Fields with a break or a fall: for each year the interval the share with a value lies in. "
        "Dashed line: "
        "a break. Hatched: hidden.",
    ),
    "trends_none": Phrase(
        "Ingen felt som kunne bedømmes og vises, har brudd eller fall.",
        "No field that could be judged and shown has a break or a fall.",
    ),
    "trend_said": Phrase(
        "{at_first} i {first}, {at_last} i {last}.", "{at_first} in {first}, {at_last} in {last}."
    ),
    "said_of": Phrase("{field}: {said}", "{field}: {said}"),
    "trend_breaks": Phrase("Brudd: {years}.", "Breaks: {years}."),
}
