"""Every word of the pages that is not a label from `schemas`, in nb and en, side by side.

What does not belong here: labels of tables, fields and codes (their declarations have them), and the
reasons of thresholds (`quality/thresholds.py` has them).
"""

from __future__ import annotations

from pipeline.pages.delay_text import DELAY_TEXT
from pipeline.pages.finding_text import FINDING_TEXT
from pipeline.pages.grade_text import GRADE_TEXT
from pipeline.pages.matching_text import MATCHING_TEXT
from pipeline.pages.outcome_text import OUTCOME_TEXT
from pipeline.pages.phrase import Phrase
from pipeline.pages.quarantine_text import QUARANTINE_TEXT

TEXT: dict[str, Phrase] = {
    **DELAY_TEXT,
    **FINDING_TEXT,
    **GRADE_TEXT,
    **MATCHING_TEXT,
    **OUTCOME_TEXT,
    **QUARANTINE_TEXT,
    # the frame of the page
    "title": Phrase("Datakvalitet i {source}", "Data quality in {source}"),
    "night": Phrase("Natten {date}", "Night of {date}"),
    "other_language": Phrase("In English", "På norsk"),
    "invented": Phrase(
        "Oppfunnet kommune: ingen av personene finnes.",
        "Invented municipality: none of the persons exist.",
    ),
    "skip": Phrase("Hopp til innholdet", "Skip to the content"),
    "contents": Phrase("Innhold", "Contents"),
    # what the page's script says
    "js_filter": Phrase("Filtrer", "Filter"),
    "js_save": Phrase("Last ned CSV", "Download CSV"),
    "js_of": Phrase("av", "of"),
    "js_sort": Phrase("Sorter etter", "Sort by"),
    "js_sorted": Phrase("Sortert etter", "Sorted by"),
    "js_up": Phrase("stigende", "ascending"),
    "js_down": Phrase("synkende", "descending"),
    "js_table": Phrase("Tabell", "Table"),
    # 1 what needs a decision
    "decide": Phrase("Dette må noen ta stilling til", "What somebody must decide"),
    "decide_none": Phrase(
        "De {latest} siste årene er ingen felt som tilskuddet, NIR eller loven krever, med sikkerhet fylt ut "
        "sjeldnere enn lovet.",
        "In the latest {latest} years no field that the grant, NIR or the law asks for was with certainty "
        "filled in less often than promised.",
    ),
    "decide_one": Phrase(
        "De {latest} siste årene er ett felt som tilskuddet, NIR eller loven krever, fylt ut sjeldnere enn "
        "lovet.",
        "In the latest {latest} years one field that the grant, NIR or the law asks for was filled in less "
        "often than promised.",
    ),
    "decide_some": Phrase(
        "De {latest} siste årene er {count} felt som tilskuddet, NIR eller loven krever, fylt ut sjeldnere "
        "enn lovet, talt per gruppe.",
        "In the latest {latest} years {count} fields that the grant, NIR or the law asks for were filled in "
        "less often than promised, counted per group.",
    ),
    "know_none": Phrase(
        "Ingen felt som ingen etterspør, ligger med sikkerhet under forventningen.",
        "No field that nobody asks for falls with certainty below what is expected of it.",
    ),
    "know_some": Phrase(
        "Ikke etterspurt informasjon registreres i liten grad: {count} felt som ingen etterspør, ligger "
        "under forventningen, talt per gruppe. Det er ikke en feil å rette, men et forbehold forskere må "
        "kjenne.",
        "What nobody asks for is hardly registered: {count} fields that nobody asks for fall below "
        "expectation, counted per group. That is no error to correct, but a reservation researchers must "
        "know of.",
    ),
    "uneven_none": Phrase(
        "Ingen felt fylles svært ulikt fra bydel til bydel.",
        "No field is filled very differently from bydel to bydel.",
    ),
    "uneven_some": Phrase(
        "Praksis varierer: {count} felt fylles svært ulikt fra bydel til bydel, talt per gruppe, "
        "mest {field}.",
        "Practice varies: {count} fields are filled very differently from bydel to bydel, counted per "
        "group, most of all {field}.",
    ),
    "rows_sentence": Phrase(
        "Av {received} mottatte rader ble {quarantined} holdt tilbake i karantene.",
        "Of {received} rows received, {quarantined} were held back in quarantine.",
    ),
    "sparse_note": Phrase(
        "En linje per felt og gruppe: et felt som er tynt i begge gruppene, teller to. År som fortsatt "
        "fylles, er ikke med. Har de {latest} siste årene da færre enn {few} å bedømme, er det alle år som "
        "avgjør.",
        "One line per field and group: a field that is sparse in both groups counts as two. Years that are "
        "still filling up are left out. Where the latest {latest} years then have fewer than {few} to judge, "
        "all years decide.",
    ),
    "table_decide": Phrase(
        "Felt som noen krever, og som er for tynne nå",
        "Fields somebody asks for that are too sparse now",
    ),
    "more_decide": Phrase("Vis også resten ({count})", "Show the rest too ({count})"),
    "table_know": Phrase("Tynne felt som ingen etterspør", "Sparse fields that nobody asks for"),
    "table_past": Phrase(
        "For tynne over alle år, men ikke sikkert de siste årene",
        "Too sparse over all years, but not certainly in the latest",
    ),
    "quoted": Phrase("«{words}»", "“{words}”"),
    "named": Phrase("«{field}» ({table}, {population})", "“{field}” ({table}, {population})"),
    "field": Phrase("Felt", "Field"),
    "population": Phrase("Hvem", "Who"),
    "demand": Phrase("Kreves av", "Asked for by"),
    "promise": Phrase("Lovet", "Promised"),
    "latest": Phrase("Siste {count} år", "Latest {count} years"),
    "all_years": Phrase("Alle år", "All years"),
    "of": Phrase("av {count}", "of {count}"),
    "what_to_do": Phrase("Hva nå", "What next"),
    "demand_grant": Phrase("tilskudd", "the grant"),
    "demand_nir": Phrase("NIR", "NIR"),
    "demand_law": Phrase("lov", "the law"),
    "demand_nobody": Phrase("ingen", "nobody"),
    "do_grant": Phrase(
        "Be bydelene fylle ut før neste tilskuddskrav.",
        "Ask the bydeler to fill it in before the next claim.",
    ),
    "do_nir": Phrase(
        "Be bydelene fylle ut innen NIR-fristen på to måneder.",
        "Ask the bydeler to fill it in within NIR's two months.",
    ),
    "do_law": Phrase("Avklar hvem som skal registrere, og når.", "Settle who is to register it, and when."),
    # populations
    "pop_participants": Phrase("Deltakere", "Participants"),
    "pop_grant_only": Phrase("Bare tilskudd", "Grant only"),
    "pop_participants_is": Phrase(
        "Personer med minst ett introduksjonsprogram.",
        "Persons with at least one introduction programme.",
    ),
    "pop_grant_only_is": Phrase(
        "Personer det er søkt integreringstilskudd for, uten program.",
        "Persons known through the integration grant, without a programme.",
    ),
    # the strip
    "strip": Phrase("Natten i tall", "The night in figures"),
    "strip_received": Phrase("rader mottatt", "rows received"),
    "strip_passed": Phrase("rader godkjent", "rows passed"),
    "strip_quarantined": Phrase("rader i karantene", "rows in quarantine"),
    "strip_linked": Phrase("registerrader koblet", "register rows linked"),
    "strip_published": Phrase("uttrekk publisert", "extracts published"),
    "strip_note": Phrase(
        "Radene er talt for hele løypa og alle personer. Andeler med verdi og utfall er uten personer som "
        "ikke kan brukes.",
        "The rows are work counts of the whole pipeline and include everybody. Shares with a value and "
        "outcomes leave out persons who may not be used.",
    ),
    "hidden": Phrase("skjult", "hidden"),
    # 2 heat maps
    "heat": Phrase("Hvor mye er fylt ut?", "How much is filled in?"),
    "heat_lead": Phrase(
        "Hver rute sier hvor stor andel av dem feltet gjelder som har en verdi. Oransje strek: hele "
        "intervallet ligger minst {margin} prosentpoeng under det som er lovet. «Tynt»: feltet er blant dem "
        "som er for tynne nå, i listene over.",
        "Each cell says which share of those the field applies to has a value. Orange line: the whole "
        "interval lies at least {margin} percentage points below what is promised. “Sparse”: the field is "
        "among those that are too sparse now, in the lists above.",
    ),
    "heat_caption": Phrase(
        "Andel med verdi, {population}, etter år. Nevneren står på hver tabells linje, avrundet til "
        "nærmeste {base}.",
        "Share with a value, {population}, by year. The denominator is on each table's own line, rounded "
        "to the nearest {base}.",
    ),
    "per_person": Phrase("per person", "per person"),
    "per_programme": Phrase("per program", "per programme"),
    "per_row": Phrase("per rad", "per row"),
    "year_person": Phrase("bosettingsår", "year of settlement"),
    "year_programme": Phrase("startår", "year of start"),
    "year_row": Phrase("år etter «{column}»", "year of “{column}”"),
    "no_promise": Phrase(
        "ikke noe er lovet: tomt kan være riktig", "nothing is promised: blank may be right"
    ),
    "sparse": Phrase("tynt", "sparse"),
    "sparse_is": Phrase("sjeldnere fylt ut enn lovet", "filled in less often than promised"),
    "below": Phrase("under det som er lovet", "below what is promised"),
    "mark_waits": Phrase("…", "…"),
    "still_filling": Phrase(
        "under det som er lovet, men året fylles fortsatt",
        "below what is promised, but the year is still filling up",
    ),
    "legend": Phrase("Tegnforklaring", "Legend"),
    "percent_filled": Phrase("prosent med verdi", "percent with a value"),
    "hidden_is": Phrase("skjult av personvernhensyn", "hidden to protect persons"),
    "empty_is": Phrase("ingen å spørre, eller skjult", "nobody to ask, or hidden"),
    # 3 bydeler
    "bydel": Phrase("Bydel for bydel", "Bydel by bydel"),
    "bydel_lead": Phrase(
        "De {shown} mest ujevne av {total} felt (talt per gruppe), siste {count} år. Streken viser "
        "intervallet andelen ligger i; stiplet linje er det som er lovet.",
        "The {shown} most uneven of {total} fields (counted per group), latest {count} years. The bar shows "
        "the interval the share lies in; the dashed line is what is promised.",
    ),
    "bydel_none": Phrase(
        "Ingen felt som kunne bedømmes, er ujevne nok til å vises.",
        "No field that could be judged is uneven enough to be shown.",
    ),
    "bydel_alt": Phrase(
        "{field}, {population}: andel med verdi i hver bydel. {low}; {high}.",
        "{field}, {population}: share with a value in each bydel. {low}; {high}.",
    ),
    "bydel_in_band": Phrase("{band} i {names}", "{band} in {names}"),
    "bydel_table": Phrase("Som tabell", "As a table"),
    "advisers": Phrase("Mellom programrådgivere", "Between advisers"),
    "advisers_lead": Phrase(
        "Omtrent halvparten av rådgiverne ligger mellom endene av streken, merket er midten. Hvert tall er "
        "gjennomsnittet av to rådgiveres andeler, avrundet til 5 prosentpoeng: ingen rådgiver vises.",
        "About half of the advisers lie between the ends of the bar, the mark is the middle. Each figure is "
        "the mean of two advisers' shares, rounded to 5 percentage points: no adviser is shown.",
    ),
    "advisers_alt": Phrase(
        "Spredning mellom programrådgivere for {count} felt, størst for {field}.",
        "Spread between advisers for {count} fields, largest for {field}.",
    ),
    "lower": Phrase("Nedre kvartil", "Lower quartile"),
    "median": Phrase("Median", "Median"),
    "upper": Phrase("Øvre kvartil", "Upper quartile"),
    # 4 flow
    "flow": Phrase("Radene på vei inn", "The rows on their way in"),
    "flow_lead": Phrase(
        "Mottatt = godkjent + karantene. Reglene som ble brutt oftest, står først; en rad kan bryte "
        "flere. Regler som få eller ingen rader brøt, er ikke med, og heller ikke der tabellens karantene er "
        "skjult. Alle personer er med i disse tallene.",
        "Received = passed + quarantined. The rules broken most often come first; one row may break "
        "several. Rules that few or no rows broke are left out, and so are those of a table whose "
        "quarantine is hidden. These counts include everybody.",
    ),
    "flow_none": Phrase(
        "Ingen regel holdt tilbake nok rader til å vises.",
        "No rule held back enough rows to show.",
    ),
    "flow_table": Phrase(
        "Mottatt og holdt tilbake, tabell for tabell",
        "Received and held back, table by table",
    ),
    "rules_first": Phrase("Regler som ble brutt", "Rules that were broken"),
    "rules_more": Phrase("Vis også resten ({count})", "Show the rest too ({count})"),
    "table": Phrase("Tabell", "Table"),
    "received": Phrase("Mottatt", "Received"),
    "quarantined": Phrase("Karantene", "Quarantined"),
    "rule": Phrase("Regel", "Rule"),
    "rows": Phrase("Rader", "Rows"),
    # 5 linkage
    "linkage": Phrase("Kobling til registrene", "Linkage to the registers"),
    "linkage_lead": Phrase(
        "Hva som skjedde med radene fra hvert register. «Ikke i populasjonen» er forventet: registrene "
        "dekker flere enn dem Socio kjenner. Alle personer er med i disse tallene.",
        "What became of each register's rows. “Not in the population” is expected: the registers cover "
        "more people than Socio knows. These counts include everybody.",
    ),
    "linkage_alt": Phrase(
        "Registerrader etter koblingsresultat: {parts}.",
        "Register rows by result of linkage: {parts}.",
    ),
    "linkage_part": Phrase("{table} {percent} % koblet", "{table} {percent} % linked"),
    "linkage_none": Phrase("Ingen registerleveranser ble koblet.", "No register deliveries were linked."),
    "status": Phrase("Resultat", "Result"),
    "status_linked": Phrase("Koblet", "Linked"),
    "status_not_in_population": Phrase("Ikke i populasjonen", "Not in the population"),
    "status_ambiguous": Phrase("Tvetydig ident", "Ambiguous identifier"),
    "status_review": Phrase("Til gjennomgang", "For review"),
    "status_registered_twice": Phrase("Registrert to ganger", "Registered twice"),
    "status_invalid": Phrase("Ugyldig ident", "Invalid identifier"),
    "status_dummy": Phrase("Hjelpenummer", "Placeholder number"),
    # 7 how to read
    "read": Phrase("Slik leses siden", "How to read this page"),
    "read_fill": Phrase(
        "<b>Andel med verdi</b> er registrerte verdier delt på alle som skulle hatt en. «Ukjent» er et "
        "svar, men ikke en verdi. Den som mangler en hel registrering, er med i nevneren: tomt er ikke "
        "«nei».",
        "<b>Share with a value</b> is registered values divided by all who should have one. “Unknown” is "
        "an answer, but not a value. Whoever lacks the whole registration stays in the denominator: "
        "blank is not “no”.",
    ),
    "read_population": Phrase(
        "<b>To populasjoner, én database.</b> Deltakere har minst ett program; de andre kjenner Socio "
        "bare gjennom integreringstilskuddet. De to blandes aldri i én andel.",
        "<b>Two populations, one database.</b> Participants have at least one programme; the others are "
        "known only through the integration grant. The two are never mixed in one share.",
    ),
    "read_place": Phrase(
        "<b>År og bydel</b> er bosettingsår og bydel ved første bosetting for personer, startår og "
        "sakens bydel for program. En person uten bosettingsdato hører til året personen ble opprettet i "
        "Socio. En person med flere registreringer teller én gang, med den siste.",
        "<b>Year and bydel</b> are the year and bydel of the first settlement for persons, the year of "
        "start and the case's bydel for programmes. A person without a date of settlement belongs to the "
        "year the person was created in Socio. A person registered several times counts once, with "
        "the latest.",
    ),
    "read_small_year": Phrase(
        "<b>Et år med færre enn {threshold}</b> er talt med i nærmeste år som har flere.",
        "<b>A year with fewer than {threshold}</b> is counted with the nearest year that has more.",
    ),
    "read_ripe": Phrase(
        "<b>År som fortsatt fylles</b>, er ikke med når et løfte, et brudd eller en trend bedømmes. De er "
        "med i rutene, i karakteren over alle år, og der bydeler sammenlignes. Hvilke år det er, avgjøres "
        "den første natten i hver måned, og står måneden ut: ellers kunne én person som kom eller gikk, snu "
        "et år.",
        "<b>Years that are still filling up</b> are left out where a promise, a break or a trend is judged. "
        "They are in the cells, in the grade over all years, and where bydeler are compared. Which years "
        "they are is settled on the first night of each month, and stands for that month: one person who "
        "came or went could otherwise turn a year.",
    ),
    "read_promise": Phrase(
        "<b>Det som er lovet</b> er andelen den som krever feltet, kan regne med. Det står i feltets "
        "deklarasjon, ett sted.",
        "<b>What is promised</b> is the share that whoever asks for it may count on. It stands in "
        "the field's declaration, in one place.",
    ),
    "read_due": Phrase(
        "<b>{table}:</b> {rule} er med i nevneren.",
        "<b>{table}:</b> {rule} are in the denominator.",
    ),
    "read_not_measured": Phrase(
        "<b>Måles ikke:</b> nøkler, navn, fritekst, og tabeller som ikke kan knyttes til en person "
        "({tables}).",
        "<b>Not measured:</b> keys, names, free text, and tables that cannot be tied to a person ({tables}).",
    ),
    "thresholds": Phrase("Grensene", "The thresholds"),
    "owned": Phrase("Forslag fra {owner}, {date}.", "Proposed by {owner}, {date}."),
    "safe": Phrase("Personvern", "Protecting persons"),
    "safe_is": Phrase(
        "Siden holder samme regel som alt annet som forlater huset: antall under {threshold} og det som "
        "kunne avsløre dem er skjult, og andre antall er avrundet til nærmeste {base}. Andeler med verdi "
        "vises som intervaller; andeler av utfall og kobling er regnet av avrundede antall, og tallene for "
        "rådgivere er avrundet til 5 prosentpoeng. Null og få ser like ut. Andeler med verdi og utfall er "
        "uten personer som ikke kan brukes; rader mottatt, godkjent, i karantene og koblet er arbeidstall "
        "for hele løypa og omfatter alle. Ingen rådgiver, sak eller enkeltverdi vises. «Skjult» er ikke "
        "null.",
        "This page keeps the rule of everything that leaves the house: counts below {threshold} and what "
        "could reveal them are hidden, and other counts are rounded to the nearest {base}. Shares with a "
        "value are shown as intervals; shares of outcomes and linkage are computed from rounded counts, and "
        "the figures for advisers are rounded to 5 percentage points. None and few look alike. Shares with "
        "a value and outcomes leave out persons who may not be used; rows received, passed, quarantined "
        "and linked are work counts of the pipeline and include everybody. No adviser, case or single "
        "value is shown. “Hidden” is not zero.",
    ),
    "csv": Phrase("Alle andelene som CSV", "All shares as CSV"),
}


def say(key: str, language: str, **values: object) -> str:
    """The phrase `key` in `language`."""
    return TEXT[key].say(language, **values)
