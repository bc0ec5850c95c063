"""What stands where a municipality's published figure was expected."""

from schemas.codes.base import CodeList, codes_of

FIGURE_STATE = CodeList(
    name="figure_state",
    nb="Tallets tilstand",
    en="State of the figure",
    source="«<5» is IMDi's mark (F33), «:» Statistics Norway's (F7); neither is 0, and neither is missing",
    codes=codes_of(
        ("stated", "Tallet er oppgitt", "The figure is stated"),
        ("below_5", "Under 5, ikke oppgitt", "Below 5, not stated"),
        ("withheld", "Holdt tilbake", "Withheld"),
        ("blank", "Tomt felt", "Blank"),
    ),
)

SURVEY_SCALE = CodeList(
    name="survey_scale",
    nb="Svarskala",
    en="Scale of the answers",
    source="KS's portal (F34): most items 1–6, some Ja=1, Nei=2, Vet ikke=0",
    codes=codes_of(
        ("1-6", "1–6, der 6 er best", "1–6, where 6 is best"),
        ("JN", "Ja, nei, vet ikke", "Yes, no, do not know"),
    ),
)

SURVEY_DIMENSION = CodeList(
    name="survey_dimension",
    nb="Dimensjon",
    en="Dimension",
    source="the survey's subjects (S2); coding (P)",
    codes=codes_of(
        ("INN", "Innflytelse", "Influence"),
        ("IPL", "Individuell plan", "Individual plan"),
        ("INF", "Informasjon", "Information"),
        ("RES", "Resultat for deltakeren", "Results for the participant"),
        ("HEL", "Helhetsvurdering", "Overall"),
    ),
)
