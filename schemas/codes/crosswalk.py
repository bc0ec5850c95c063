"""Why a person has another pseudonym than before."""

from schemas.codes.base import CodeList, codes_of

MERGE, SPLIT = "merge", "split"  # what the ledger says by name

SUCCESSION = CodeList(
    name="succession",
    nb="Grunn til nytt pseudonym",
    en="Reason for another pseudonym",
    source="uttrekk: the ledger of internal keys",
    codes=codes_of(
        (MERGE, "Det viste seg å være én person", "It turned out to be one person"),
        (SPLIT, "Det viste seg å være flere personer", "It turned out to be several persons"),
    ),
)
