"""The words of what coarsening costs, in a privacy certificate, in Norwegian and English."""

from __future__ import annotations

from pipeline.requests.request import Bilingual

USEFUL = Bilingual(nb="Hva det koster forskeren", en="What it costs the researcher")
LEFT_OUT = Bilingual(nb="Utelatt: {share} av radene.", en="Left out: {share} of the rows.")
LOSS = Bilingual(
    nb="Tapt detalj i radene som er med, uvektet: {loss}, der 0 er alle detaljer og 1 er ingen, og hver "
    "opplysning teller like mye. Kodeboken har det vektede tapet, der det forespørselen gir mest vekt, "
    "teller mest. En rad kan i snitt ikke skilles fra {alike} andre.",
    en="Lost detail in the rows that are there, unweighted: {loss}, where 0 is every detail and 1 none, and "
    "every variable counts alike. The codebook has the weighted loss, in which what the request gives most "
    "weight counts most. A row cannot be told from {alike} others on average.",
)
FEW_LEFT_OUT = Bilingual(
    nb="Det er utelatt for få rader til at det kan vises hva det gjør med andeler og modeller.",
    en="Too few rows are left out to show what that does to shares and models.",
)
LOSS_HEADER = (
    Bilingual(nb="Opplysning", en="Variable"),
    Bilingual(nb="Tapt detalj (0–1)", en="Lost detail (0–1)"),
)
MOVED_LARGE = Bilingual(
    nb="Andelene for utfall (av dem det er kjent for) i grupper på minst {large} flytter seg i snitt {mean} "
    "prosentpoeng, høyst {most}.",
    en="Shares of outcomes (of those it is known of) in groups of at least {large} move by {mean} percentage "
    "points on average, at most {most}.",
)
MOVED_SMALL = Bilingual(
    nb="Av {small} andeler i mindre grupper flytter {far} seg mer enn to standardavvik av tilfeldig "
    "utelating.",
    en="Of {small} shares in smaller groups {far} move by more than two standard deviations of leaving out "
    "at random.",
)
COEFFICIENTS = Bilingual(
    nb="Koeffisientene i en lineær modell for utfallene flytter seg høyst {most} prosentpoeng; i snitt "
    "dekker intervallene før og etter {overlap} av hverandre.",
    en="Coefficients of a linear model of the outcomes move by at most {most} percentage points; on "
    "average the intervals before and after cover {overlap} of each other.",
)
PMSE = Bilingual(
    nb="En modell som skal skille utleverte rader fra opprinnelige, har pMSE {pmse} (0: kan ikke skille "
    "dem), {ratio} ganger det som ventes ved ny trekning.",
    en="A model that is to tell released rows from original ones has a pMSE of {pmse} (0: it cannot), "
    "{ratio} times what is expected of a new draw.",
)
UNCOMPARED = Bilingual(
    nb="Ikke sammenlignet, fordi uttrekket ikke skiller noen på dem i alle rader: {names}.",
    en="Not compared, for the extract does not tell anybody apart by them in every row: {names}.",
)
GROUPED = Bilingual(
    nb="Sammenlignet i grupper, for de har for mange verdier (tall i tideler, ellers de sjeldneste samlet): "
    "{names}.",
    en="Compared by groups, for they have too many values (numbers by tenths, otherwise the rarest taken "
    "together): {names}.",
)
COMPARED = Bilingual(
    nb="Det som følger om andeler og modeller, gjelder bare: {names}.",
    en="What follows of shares and models covers these variables alone: {names}.",
)
NOT_MEASURABLE = Bilingual(
    nb="Andeler, koeffisienter og pMSE: kan ikke måles, for det er ingen opplysning igjen å sammenligne på.",
    en="Shares, coefficients and pMSE: not measurable, for no variable is left to compare by.",
)
