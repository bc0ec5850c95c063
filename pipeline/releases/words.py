"""What a release is called, in nb and en. "Anonymous" is not among it: a machine never says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.identity.usable import OutputKind
from pipeline.requests.request import Bilingual, Whose

LANGUAGES = ("nb", "en")
KIND_LABELS = {
    OutputKind.PSEUDONYMISED: Bilingual(
        nb="pseudonymisert – personopplysninger", en="pseudonymised – personal data"
    ),
    OutputKind.COARSENED: Bilingual(nb="lav risiko", en="low risk"),
}
WHAT_IT_MEANS = {
    OutputKind.PSEUDONYMISED: Bilingual(
        nb="Opplysningene er fortsatt personopplysninger. Pseudonymet gjelder bare dette prosjektet.",
        en="The data are still personal data. The pseudonym is this project's alone.",
    ),
    OutputKind.COARSENED: Bilingual(
        nb="Forgrovet, uten pseudonym og datoer, med minst k husstander i hver klasse. "
        "Om det er anonymt, avgjør et menneske.",
        en="Coarsened, without pseudonym and dates, with at least k households in every class. "
        "Whether it is anonymous is for a human to decide.",
    ),
}
# Said of an output that does not hold everybody's rows.
WHOSE = {
    Whose.RESIDENTS: Bilingual(
        nb="Bare bosatte: de som var døde eller utvandret på uttrekkets dato, er utelatt.",
        en="Residents only: those who were dead or had emigrated on the date of the extract are left out.",
    ),
}
# Said of a variable that rests on a field which a steward has marked.
UNFIT = {
    "nb": "uegnet til bruk siden {since} ({owner}): {nb}",
    "en": "unfit for use since {since} ({owner}): {en}",
}


def unfit_words(marks: Sequence[Mapping[str, Any]], variable: str, language: str) -> str:
    """What is said of a variable that rests on fields marked unfit; empty where none is."""
    return "; ".join(UNFIT[language].format(**mark) for mark in marks if mark["variable"] == variable)
