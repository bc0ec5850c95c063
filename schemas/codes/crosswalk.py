"""Why a person has another pseudonym than before."""

from schemas.codes.base import CodeList, codes_of

SUCCESSION = CodeList(
    name="succession",
    nb="Grunn til nytt pseudonym",
    en="Reason for another pseudonym",
    source="uttrekk: the ledger of internal keys",
    codes=codes_of(
        ("merge", "Det viste seg å være én person", "It turned out to be one person"),
        ("split", "Det viste seg å være flere personer", "It turned out to be several persons"),
    ),
)
