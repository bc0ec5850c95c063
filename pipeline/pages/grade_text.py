"""The words about grades and the marks in place of one, in nb and en.

What does not belong here: the labels of grades and of their reasons (their code lists have them).
"""

from __future__ import annotations

from pipeline.pages.phrase import Phrase

GRADE_TEXT: dict[str, Phrase] = {
    "grades": Phrase("Kan feltet brukes?", "Is the field fit for use?"),
    "grades_lead": Phrase(
        "En karakter for hvert felt og år. Hvorfor alle år under ett ikke har en bedre, står i siste "
        "kolonne.",
        "A grade for each field and year. Why all years together have no better one stands in the last "
        "column.",
    ),
    # marks in place of a grade, and what they mean
    "mark_filling": Phrase("fylles", "filling"),
    "mark_filling_is": Phrase(
        "ingen karakter: andelen er lav, og året fylles fortsatt",
        "no grade: the share is low, and the year is still filling up",
    ),
    "mark_answer": Phrase("svar", "answer"),
    "mark_answer_is": Phrase(
        "et tomt felt er et svar: andelen med verdi sier ingenting",
        "an empty field is an answer: the share with a value says nothing",
    ),
    "mark_few": Phrase("få", "few"),
    "mark_few_is": Phrase(
        "ingen karakter: færre enn {few} ventede verdier",
        "no grade: fewer than {few} expected values",
    ),
    "mark_none": Phrase("–", "–"),
    "mark_none_is": Phrase(
        "ingen karakter: ingen skulle hatt en verdi", "no grade: nobody should have a value"
    ),
    "grade_reasons": Phrase("Grunner, alle år", "Reasons, all years"),
    "unfit": Phrase("uegnet", "unfit"),
    "methods": Phrase("Avsnitt til metodedelen", "Paragraphs for the methods section"),
    "methods_lead": Phrase(
        "Ferdig tekst til artikkelen, felt for felt. Bare tall som står på denne siden.",
        "Ready text for the article, field by field. Only figures that stand on this page.",
    ),
}
