"""The words about rules and what they hold back: what is right, what is broken, and the next step.

What does not belong here: rules declared over a row, which say themselves what is right.
"""

from __future__ import annotations

from pipeline.pages.phrase import Phrase

QUARANTINE_TEXT: dict[str, Phrase] = {
    # the first screen
    "held": Phrase("I karantenen i natt", "In quarantine tonight"),
    "held_known": Phrase("Krever ingen avgjørelse.", "Needs no decision."),
    "held_rows": Phrase(
        "{table}: {rows} av {whole} rader ({percent})",
        "{table}: {rows} of {whole} rows ({percent})",
    ),
    "percent": Phrase("{percent} %", "{percent} %"),
    "under_one": Phrase("under 1 %", "under 1 %"),
    "broken_code": Phrase(
        "har en kode i {column} som kodelisten ikke kjenner",
        "have a code in {column} that the code list does not know",
    ),
    "broken_refers_to": Phrase(
        "viser i {column} til noe som ikke er godkjent",
        "point in {column} to something that did not pass",
    ),
    "broken_required": Phrase("mangler {column}", "lack {column}"),
    "broken_leading_zero_lost": Phrase(
        "har mistet nullen foran i {column}",
        "have lost the leading zero in {column}",
    ),
    "broken_spreadsheet_number": Phrase(
        "har {column} som et regneark har gjort om",
        "have {column} as a spreadsheet changed it",
    ),
    "broken_else": Phrase("bryter regelen: {rule}", "break the rule: {rule}"),
    "next_code": Phrase(
        "Utvid kodelisten, eller rett kodene i {source}.",
        "Extend the code list, or correct the codes in {source}.",
    ),
    "next_refers_to": Phrase(
        "Finn raden det vises til i {source}: den mangler, eller den er selv i karantene.",
        "Find the row it points to in {source}: it is missing, or is itself in quarantine.",
    ),
    "next_else": Phrase("Rett verdiene i {source}.", "Correct the values in {source}."),
    "next_file": Phrase("Be leverandøren om en ny fil.", "Ask the supplier for a new file."),
    # what each kind of rule says of a row that keeps it
    "rule_required": Phrase("{column} er utfylt", "{column} is filled in"),
    "rule_no_date": Phrase("{column} er en dag i kalenderen", "{column} is a day in the calendar"),
    "rule_code": Phrase("{column} er i kodelisten", "{column} is in the code list"),
    "rule_at_least": Phrase("{column} er ikke for lavt", "{column} is not too low"),
    "rule_at_most": Phrase("{column} er ikke for høyt", "{column} is not too high"),
    "rule_pattern": Phrase("{column} har riktig form", "{column} has the right form"),
    "rule_not_a_number": Phrase("{column} er et tall", "{column} is a number"),
    "rule_unique": Phrase("to ulike rader har ikke samme nøkkel", "no two different rows have one key"),
    "rule_repeated": Phrase("ingen rad står to ganger", "no row stands twice"),
    "rule_parse": Phrase("{column} kan leses", "{column} can be read"),
    "rule_refers_to": Phrase(
        "{column} viser til noe som finnes",
        "{column} points to something that is there",
    ),
    "rule_leading_zero_lost": Phrase(
        "{column} har nullen foran i behold",
        "{column} has kept its leading zero",
    ),
    "rule_spreadsheet_number": Phrase(
        "{column} er ikke gjort om av et regneark",
        "{column} was not changed by a spreadsheet",
    ),
    "rule_wrong_period": Phrase("raden er fra filens periode", "the row is of the file's period"),
    "severity": Phrase("Følge", "Consequence"),
    "severity_fatal": Phrase("tabellen stoppet", "table stopped"),
    "severity_convention": Phrase("i karantene", "quarantined"),
    "severity_characterisation": Phrase("bare talt", "only counted"),
}
