"""What became of somebody, and why it may not be known."""

from schemas.codes.base import CodeList, codes_of

OUTCOME = CodeList(
    name="outcome",
    nb="Utfall",
    en="Outcome",
    source="declarations in pipeline/linkage/outcomes.py",
    codes=codes_of(
        ("y0", "Hovedaktivitet ved avslutning", "Main activity at exit"),
        ("y1", "Status i november året etter", "Status in November of the year after"),
        ("y5", "Status i november fem år etter", "Status in November five years after"),
    ),
)

OUTCOME_STATUS = CodeList(
    name="outcome_status",
    nb="Status",
    en="Status",
    source="facts §3.2; education after exit is not told apart before its register is linked",
    codes=codes_of(
        ("work", "Arbeid", "Work"),
        ("education", "Utdanning", "Education"),
        ("other", "Annet", "Other"),
        ("not_registered", "Ikke registrert", "Not registered"),
        ("not_in_work", "Ikke i arbeid", "Not in work"),
    ),
)

CENSORING = CodeList(
    name="censoring",
    nb="Hvorfor utfallet ikke telles",
    en="Why the outcome is not counted",
    source="architecture, «link»",
    codes=codes_of(
        ("observed", "Observert", "Observed"),
        ("dead", "Død", "Dead"),
        ("emigrated", "Utvandret", "Emigrated"),
        ("not_due", "Ikke forfalt ennå", "Not yet due"),
        (
            "not_loaded",
            "Registeret er ikke lastet så langt",
            "Register not loaded so far",
        ),
        ("not_linkable", "Ingen brukbar ident", "No usable identifier"),
    ),
)
