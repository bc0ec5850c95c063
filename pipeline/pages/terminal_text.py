"""What `uttrekk quality` says, in nb and en, beside the words of fields and findings."""

from __future__ import annotations

from pipeline.pages.phrase import Phrase

TERMINAL: dict[str, Phrase] = {
    "night": Phrase("Natten {as_of}", "Night of {as_of}"),
    "report_at": Phrase("Rapport: {path}", "Report: {path}"),
    "data_at": Phrase("For programmer: {path}", "For programs: {path}"),
    "counted": Phrase(
        "Funn: {decide} må noen ta stilling til, {know} bør være kjent, {decided} er det tatt stilling til. "
        "Verre: {worse_night} siden natten før, {worse_decision} siden avgjørelsen.",
        "Findings: {decide} to decide about, {know} to be known, {decided} decided about. "
        "Worse: {worse_night} since the night before, {worse_decision} since the decision.",
    ),
    "not_counted": Phrase(
        "Kontroller uten svar, aldri regnet som bestått: {could_not_run} kunne ikke kjøres, {suppressed} er "
        "skjult. Av {untold} enkeltår av felt kan ingenting sies.",
        "Checks without an answer, never counted as passed: {could_not_run} could not run, {suppressed} are "
        "hidden. Of {untold} single years of fields nothing can be told.",
    ),
    "none": Phrase("Ingen funn.", "No findings."),
    "none_open": Phrase("Ingen funn uten avgjørelse.", "No findings without a decision."),
    "finding": Phrase("{id}  {severity}: {what}{effect}", "{id}  {severity}: {what}{effect}"),
    "effect": Phrase(", {effect}", ", {effect}"),
    "decided": Phrase("    {standing}", "    {standing}"),
    "compared": Phrase(
        "Fra natten {before} til natten {after}", "From the night of {before} to that of {after}"
    ),
    "first_night": Phrase(
        "Det er ingen natt før {as_of} å sammenligne med.",
        "There is no night before {as_of} to compare with.",
    ),
    "no_change": Phrase("Ingenting er endret.", "Nothing has changed."),
    "persisting": Phrase("Funn som står som før: {count}.", "Findings that stand as before: {count}."),
    "check": Phrase("{flag}: {said}", "{flag}: {said}"),
    "preview_of": Phrase(
        "Forespørselen {request} ber om {variables} variabler.",
        "The request {request} asks for {variables} variables.",
    ),
    "about_nothing": Phrase(
        "Avgjørelse nummer {place} i {file} gjelder ingen resultater i natt.",
        "Decision number {place} of {file} is about no result of this night.",
    ),
    "decided_since": Phrase(
        "{file} er endret siden natten. Funn som står på en annen måte nå: {count}. Siden og uttrekkene "
        "følger etter med: uttrekk run",
        "{file} has changed since the night. Findings that stand otherwise now: {count}. The page and the "
        "extracts follow with: uttrekk run",
    ),
    "next_decide": Phrase(
        "Neste: ta stilling i {file}, eller se hva et felt står for: uttrekk quality explain FELT",
        "Next: decide in {file}, or see what a field stands on: uttrekk quality explain FIELD",
    ),
    "no_file": Phrase("en fil som UTTREKK_STEWARDSHIP peker på", "a file that UTTREKK_STEWARDSHIP points at"),
    "next_findings": Phrase("Neste: uttrekk quality findings", "Next: uttrekk quality findings"),
    "next_diff": Phrase("Neste: uttrekk quality diff", "Next: uttrekk quality diff"),
    "next_explain": Phrase("Neste: uttrekk quality explain FELT", "Next: uttrekk quality explain FIELD"),
    "next_run": Phrase("Neste: uttrekk run", "Next: uttrekk run"),
    "next_request": Phrase(
        "Neste: legg forespørselen i mappen UTTREKK_REQUESTS, og kjør: uttrekk run",
        "Next: put the request into the folder UTTREKK_REQUESTS, and run: uttrekk run",
    ),
}
