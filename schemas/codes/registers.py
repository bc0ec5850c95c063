"""What the outcome registers say of a person."""

from schemas.codes.base import CodeList, codes_of

RESIDENCE = CodeList(
    name="residence",
    nb="Bosettingsstatus",
    en="Residence status",
    source="facts §5.3",
    codes=codes_of(
        ("bosatt", "Bosatt", "Resident"),
        ("utvandret", "Utvandret", "Emigrated"),
        ("dod", "Død", "Dead"),
    ),
)
