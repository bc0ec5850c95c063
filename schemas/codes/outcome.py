"""What became of somebody, on which side of a break it was measured, and why it may not be known."""

from schemas.codes.base import CodeList, codes_of

OUTCOME = CodeList(
    name="outcome",
    nb="Utfall",
    en="Outcome",
    source="declarations in pipeline/linkage/outcomes.py",
    codes=codes_of(
        ("y0", "Hovedaktivitet ved avslutning", "Main activity at exit"),
        ("y1", "Status i november året etter", "Status in November of the year after"),
        ("y5", "Status i november fem år etter, bosatte", "Status in November five years after, residents"),
        ("y5_all", "Status i november fem år etter, alle", "Status in November five years after, everybody"),
        ("baerum_0", "Arbeid eller utdanning i sluttmåneden", "Work or education in the month of exit"),
        ("baerum_12", "Arbeid eller utdanning etter 12 måneder", "Work or education after 12 months"),
        ("baerum_60", "Arbeid eller utdanning etter 60 måneder", "Work or education after 60 months"),
        (
            "baerum_0_own",
            "Arbeid eller selvfinansiert utdanning i sluttmåneden",
            "Work or self-financed education in the month of exit",
        ),
        (
            "baerum_12_own",
            "Arbeid eller selvfinansiert utdanning etter 12 måneder",
            "Work or self-financed education after 12 months",
        ),
        (
            "baerum_60_own",
            "Arbeid eller selvfinansiert utdanning etter 60 måneder",
            "Work or self-financed education after 60 months",
        ),
    ),
)

OUTCOME_STATUS_GROUP = CodeList(
    name="outcome_status_group",
    nb="Status, grupper",
    en="Status, groups",
    source="the statuses by what an aim asks for (P)",
    unknown=frozenset({"not_known"}),
    adverse=frozenset({"something_else"}),
    codes=codes_of(
        ("work_or_education", "Arbeid eller utdanning", "Work or education"),
        ("something_else", "Noe annet", "Something else"),
        ("not_known", "Ikke kjent", "Not known"),
        ("not_resident", "Ikke bosatt", "Not resident"),
    ),
)

OUTCOME_STATUS = CodeList(
    name="outcome_status",
    nb="Status",
    en="Status",
    source="facts §3.2 and §5.3: Statistics Norway's groups (F3, F51)",
    unknown=frozenset({"unknown", "not_registered"}),  # no register, or no exit report, says anything
    adverse=frozenset({"unemployed_measure", "other"}),  # on a benefit, or so it may be read
    parent=OUTCOME_STATUS_GROUP,
    codes=codes_of(
        ("work_education", "Arbeid og utdanning", "Work and education", "work_or_education"),
        ("work", "Arbeid", "Work", "work_or_education"),
        ("education", "Utdanning", "Education", "work_or_education"),
        (
            "unemployed_measure",
            "Registrert ledig eller på tiltak",
            "Registered unemployed or on a measure",
            "something_else",
        ),
        ("other", "Annet", "Other", "something_else"),
        ("unknown", "Ukjent", "Unknown", "not_known"),
        ("not_registered", "Ikke registrert", "Not registered", "not_known"),
        ("dead", "Død", "Dead", "not_resident"),
        ("emigrated", "Utvandret", "Emigrated", "not_resident"),
    ),
)

EMPLOYMENT_SERIES = CodeList(
    name="employment_series",
    nb="Side av bruddet i 2015",
    en="Side of the break in 2015",
    source="facts §5.3 (F73): one file a year before, a-melding by month after; levels are not comparable",
    codes=codes_of(
        ("annual", "Årlig register (til 2014)", "Annual register (to 2014)"),
        ("monthly", "A-meldingen (fra 2015)", "A-melding (from 2015)"),
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
            "Et register er ikke lastet så langt",
            "A register is not loaded so far",
        ),
        ("not_linkable", "Ingen brukbar ident", "No usable identifier"),
    ),
)

COHORT_EXCLUSION = CodeList(
    name="cohort_exclusion",
    nb="Hvorfor personen ikke er i noen avgangskohort",
    en="Why the person is in no exit cohort",
    source="architecture, «link»",
    codes=codes_of(
        ("still_in_programme", "I program", "Still in a programme"),
        ("on_leave", "I omsorgspermisjon", "On care leave after birth"),
        ("end_unknown", "Ingen vet når programmet sluttet", "When the programme ended is not known"),
    ),
)
