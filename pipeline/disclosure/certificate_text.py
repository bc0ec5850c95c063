"""The words of the privacy certificate, nb and en: what a data protection officer reads in five minutes.

"Anonymous" is not among what a machine may say. What does not belong here: figures, and how they are shown.
"""

from __future__ import annotations

from pipeline.disclosure.attacks.attack import Kind
from pipeline.requests.request import Bilingual

TITLE = Bilingual(nb="Personvernsertifikat", en="Privacy certificate")
CITED = Bilingual(
    nb="Forespørsel, versjon og dato: {cited}. Målt i filene slik de er skrevet.",
    en="Request, version and date: {cited}. Measured in the files as written.",
)
STATUS = Bilingual(nb="Konklusjon", en="Conclusion")
BEYOND = Bilingual(nb="utenfor grensene", en="beyond its limits")
MET = Bilingual(
    nb="De målte målene er nådd, og ingen av angrepene kommer lenger enn de får.",
    en="The measured targets are met, and none of the attacks comes further than it may.",
)
NOT_MET = Bilingual(
    nb="Ikke alt som er målt, er innenfor: se «{no}» i tabellene under.",
    en="Not all that was measured is within its limit: see «{no}» in the tables below.",
)
UNLIMITED = Bilingual(
    nb="For noen angrep har ingen satt en grense. De er prøvd som de andre, og det står «{no_limit}» ved "
    "dem: les dem før noen avgjør noe.",
    en="For some attacks nobody has set a limit. They were tried as the others were, and «{no_limit}» stands "
    "beside them: read those before anybody decides.",
)
FURTHEST = Bilingual(
    nb="Det angrepet uten grense som gir mest, er «{what}»: {reached} av gjetningene er riktige, mot "
    "{without} uten uttrekket.",
    en="Of those without a limit the one that gains most is «{what}»: {reached} of the guesses are right, "
    "against {without} without the extract.",
)
EXPOSED = Bilingual(
    nb="Den som har både denne versjonen og den forrige, kan lese hva som er registrert om noen av dem som "
    "kom til eller gikk ut mellom versjonene: de er for få i sin klasse til å skjule hverandre.",
    en="Whoever holds both this version and the last one can read what is registered about some of those who "
    "came or went between them: they are too few in their class to hide each other.",
)
PERSONAL = Bilingual(
    nb="Det finnes en nøkkel til pseudonymene. Opplysningene er personopplysninger, og "
    "personvernforordningen gjelder for dem. Ingen måling kan endre på det.",
    en="There is a key to the pseudonyms. The data are personal data, and the GDPR applies to them. No "
    "measurement can change that.",
)
UNDECIDED = Bilingual(
    nb="Ingen har besluttet at opplysningene er anonyme. Det kan ikke maskinen: den måler, og et navngitt "
    "menneske avgjør.",
    en="Nobody has decided that the data are anonymous. The machine cannot: it measures, and a named human "
    "decides.",
)
DECIDED = Bilingual(
    nb="{by} besluttet {on} at opplysningene er anonyme. Begrunnelse: {why}",
    en="{by} decided on {on} that the data are anonymous. Reason: {why}",
)
DECIDED_FOR = Bilingual(
    nb="Beslutningen står i forespørselen og gjelder uttrekket med disse kravene. Hver versjon måles på "
    "nytt, og den som ikke når dem, gis ikke ut.",
    en="The decision stands in the request and is about the extract with these targets. Every version is "
    "measured anew, and one that misses them is not published.",
)
ANONYMOUS = Bilingual(nb="anonymt etter beslutning av {by}", en="anonymous by decision of {by}")
DETAILS = Bilingual(nb="Målinger: {name}", en="Measurements: {name}")
ANSWERS = Bilingual(
    nb="De tre spørsmålene for pseudonymiserte filer", en="The three questions of pseudonymised files"
)
ANSWER_HEADER = (Bilingual(nb="Spørsmål", en="Question"), Bilingual(nb="Svar", en="Answer"))
TARGETS = Bilingual(nb="Hva som er krevd, og om det er nådd", en="What was asked for, and whether it is met")
CLASS = Bilingual(
    nb="En klasse er de radene som er like i alt en utenforstående kan kjenne igjen noen på: {quasi}.",
    en="A class is the rows that are alike in all that an outsider may recognise somebody by: {quasi}.",
)
K = Bilingual(nb="Minst {k} rader i hver klasse (k)", en="At least {k} rows in every class (k)")
K_HOUSEHOLDS = Bilingual(
    nb="Rader fra minst {k} ulike husstander i hver klasse (k)",
    en="Rows of at least {k} different households in every class (k)",
)
ABOUT_HOUSEHOLDS = Bilingual(
    nb="Rader fra samme husstand teller som én i k: en familie skjuler ikke sine egne. {about}",
    en="Rows of one household count as one in k: a family does not hide its own. {about}",
)
HOUSEHOLD_COLUMN = Bilingual(
    nb="Rader med samme verdi i «{column}» er én husstand; der den er blank, er raden en husstand alene.",
    en="Rows with one value of «{column}» are one household; where it is blank, the row is one alone.",
)
KEPT = Bilingual(
    nb="Sendt videre som de er, og ikke med i noen annen måling her: {names}.",
    en="Passed on as they are, and in no other measurement here: {names}.",
)
K_KEPT = Bilingual(
    nb="Minst {k} rader like også for den som kjenner det som er sendt videre som det er: {names}",
    en="At least {k} rows alike also to whoever knows what is passed on as it is: {names}",
)
SUPPRESSION = Bilingual(nb="Høyst {share} av radene utelatt", en="At most {share} of the rows left out")
DISTINCT = Bilingual(
    nb="Minst {n} ulike verdier i hver klasse (ℓ) av {names}",
    en="At least {n} different values in every class (ℓ) of {names}",
)
CLOSE = Bilingual(
    nb="Ingen klasse lenger enn {t} fra det vanlige (t) i {names}",
    en="No class further than {t} from what is usual (t) in {names}",
)
ONE_SIDED = Bilingual(
    nb="Ingen klasse der alle registrerte verdier er belastende, av {names}",
    en="No class in which all registered values are adverse, of {names}",
)
YES, NO = Bilingual(nb="ja", en="yes"), Bilingual(nb="nei", en="no")
NOT_MEASURED = Bilingual(nb="ikke målt", en="not measured")
NO_LIMIT = Bilingual(nb="ingen grense satt", en="no limit set")
TARGET_HEADER = (Bilingual(nb="Krav", en="Target"), Bilingual(nb="Nådd", en="Met"))
ATTACK_HEADER = (
    Bilingual(nb="Angrep", en="Attack"),
    Bilingual(nb="Så langt kommer det", en="How far it comes"),
    Bilingual(nb="Uten uttrekket", en="Without the extract"),
    Bilingual(nb="Grense", en="Limit"),
    Bilingual(nb="Innenfor", en="Within"),
)

SINGLING_OUT = Bilingual(nb="1. Kan noen plukkes ut?", en="1. Can anybody be singled out?")
ABOUT_SINGLING_OUT = Bilingual(
    nb="Utpeking er å finne den ene raden som må være en bestemt person. Den som vet at personen er "
    "med (på engelsk «prosecutor»), og kjenner alt klassen er laget av, kan likevel ikke skille raden fra de "
    "andre i klassen: jo flere som er like, desto tryggere. Den som også kjenner utfallene, kommer lenger. "
    "Da sammenlignes det med hvor ofte samme slags beskrivelse passer på nøyaktig én av andre personer.",
    en="Singling out is to find the one row that must be a certain person. Whoever knows that the person is "
    "in it (the prosecutor), and all that classes are made of, still cannot tell the row from the others of "
    "its class: the more alike, the safer. Whoever knows the outcomes too comes further. That is compared "
    "with how often the same kind of description fits exactly one of other persons.",
)
LINKABILITY = Bilingual(
    nb="2. Kan rader kobles til personer i andre kilder?",
    en="2. Can rows be linked to persons in other sources?",
)
ABOUT_LINKABILITY = Bilingual(
    nb="Sammenkobling er å finne igjen en person fra et annet register, en navneliste eller forrige "
    "versjon av uttrekket. Noen vil finne én, hvem som helst («journalist»), andre vil ha flest mulig rett "
    "(«marketer»). Uten uttrekket: en rad trukket tilfeldig, eller kobling uten det ekstra angriperen vet.",
    en="Linking is to find a person of another register, a list of names or the last version of the extract. "
    "The journalist wants to find one, anybody; the marketer wants as many right as possible. Without the "
    "extract: a row drawn at random, or linking without what more the attacker knows.",
)
INFERENCE = Bilingual(
    nb="3. Kan noe nytt sluttes om en person?", en="3. Can something new be inferred of a person?"
)
ABOUT_INFERENCE = Bilingual(
    nb="Slutning er å lære noe om en person uten å finne raden: når nesten alle i klassen har samme verdi, "
    "er gjetningen trygg. Noe av det gjelder også dem som ikke er med, og er kunnskap om samfunnet, ikke om "
    "personen. Derfor sammenlignes det med gjetninger om personer som er holdt utenfor, eller med det "
    "vanligste svaret. Blankt, «ukjent» og «ikke registrert» er ingen verdi: den det gjelder, skjuler ingen. "
    "Å være sikker på noe belastende har en grense; å være sikker på noe annet, som at noen er i arbeid, "
    "måles også. Det vanlige er fordelingen i hele tabellen, og i et uttrekk den som ligger fast i "
    "manifestet. For hvert angrep står den opplysningen som er mest utsatt; alle står til slutt.",
    en="Inference is to learn something of a person without finding the row: where nearly all of a class "
    "have one value, the guess is safe. Some of it holds for those who are not in the release too, and is "
    "knowledge of society, not of the person. So it is compared with guesses of persons held out, or with "
    "the commonest answer. Blank, «unknown» and «not registered» are no value: who has one hides nobody. "
    "Being certain of something adverse has a limit; being certain of anything else, as that somebody has "
    "work, is measured too. What is usual is the spread in the whole table, and in an extract that which "
    "stands still in the manifest. For each attack stands what is most at risk; all of them stand at the "
    "end.",
)
PERSON_LEVEL = (
    Bilingual(
        nb="Ja. Hver person har rader av sin egen, under et pseudonym.",
        en="Yes. Each person has rows of their own, under a pseudonym.",
    ),
    Bilingual(
        nb="Ja. Den som har nøkkelen, kan koble radene til personene; prosjektets egne versjoner har samme "
        "pseudonymer. Pseudonymene passer ikke sammen med andre prosjekters.",
        en="Yes. Who has the key can link the rows to the persons; the project's own versions have the same "
        "pseudonyms. They do not fit with other projects'.",
    ),
    Bilingual(
        nb="Ja. Alt som står i radene, er opplysninger om én person.",
        en="Yes. All that stands in the rows is about one person.",
    ),
)

# What is tried, with the column's name in its place; a test walks the kinds.
ATTACKS = {
    Kind.PROSECUTOR: Bilingual(
        nb="Finne raden til en person som er med", en="Find the row of a person who is in it (prosecutor)"
    ),
    Kind.JOURNALIST: Bilingual(
        nb="Finne noen, hvem som helst, fra en liste over alle",
        en="Find somebody, anybody, from a list of all (journalist)",
    ),
    Kind.MARKETER: Bilingual(nb="Finne så mange som mulig", en="Find as many as possible (marketer)"),
    Kind.LINKAGE: Bilingual(nb="Finne så mange som mulig", en="Find as many as possible"),
    Kind.SINGLING_OUT: Bilingual(
        nb="Beskrive noen så det bare passer på én, i det halve uttrekket",
        en="Describe somebody so that it fits one alone, in half of the extract",
    ),
    Kind.INFERENCE: Bilingual(nb="Gjette «{about}»", en="Guess «{about}»"),
    Kind.HOMOGENEITY: Bilingual(
        nb="Være sikker på «{about}»: alle registrerte verdier i klassen er like",
        en="Be certain of «{about}»: all registered values of the class are alike",
    ),
    Kind.HOMOGENEITY_ADVERSE: Bilingual(
        nb="Være sikker på noe belastende i «{about}»: alle registrerte verdier i klassen er belastende",
        en="Be certain of something adverse in «{about}»: all registered values of the class are adverse",
    ),
    Kind.SKEWNESS: Bilingual(
        nb="«{about}» mye mer eller mindre sannsynlig enn ellers: avstand fra det vanlige (0–1)",
        en="«{about}» much more or less likely than otherwise: distance from what is usual (0–1)",
    ),
    Kind.MEMBERSHIP: Bilingual(
        nb="Gjette om en person er med i uttrekket", en="Guess whether a person is in the extract"
    ),
    Kind.DIFFERENCING: Bilingual(
        nb="Finne den som kom eller gikk siden forrige versjon",
        en="Find who came or went since the last version",
    ),
    Kind.DIFFERENCING_INFERENCE: Bilingual(
        nb="Gjette «{about}» for dem som kom eller gikk", en="Guess «{about}» of those who came or went"
    ),
}
KNOWING = Bilingual(
    nb="{what}, med de andre sensitive opplysningene kjent",
    en="{what}, knowing the other sensitive values",
)
WORST = Bilingual(nb="{what} (mest utsatt av {n})", en="{what} (most at risk of {n})")
_LIST = Bilingual(
    nb="krever en liste over alle som kan være ment, kodet som uttrekket",
    en="takes a list of all who could be meant, coded as the extract",
)
_VERSION = Bilingual(
    nb="det er ingen forrige versjon med de samme variablene",
    en="there is no last version of the same variables",
)
# Why an attack was not tried, of those that need more than the table.
UNTRIED = {
    Kind.JOURNALIST: _LIST,
    Kind.MEMBERSHIP: _LIST,
    Kind.DIFFERENCING: _VERSION,
    Kind.DIFFERENCING_INFERENCE: _VERSION,
    Kind.HOMOGENEITY_ADVERSE: Bilingual(
        nb="ingen verdi er oppgitt som belastende", en="no value is said to be adverse"
    ),
}
UNTRIED_OTHERWISE = Bilingual(nb="ingen opplysning er sensitiv", en="nothing is sensitive")
SECTIONS = (
    (SINGLING_OUT, ABOUT_SINGLING_OUT, (Kind.PROSECUTOR, Kind.SINGLING_OUT)),
    (
        LINKABILITY,
        ABOUT_LINKABILITY,
        (Kind.JOURNALIST, Kind.MARKETER, Kind.LINKAGE, Kind.MEMBERSHIP, Kind.DIFFERENCING),
    ),
    (
        INFERENCE,
        ABOUT_INFERENCE,
        (
            Kind.INFERENCE,
            Kind.HOMOGENEITY_ADVERSE,
            Kind.HOMOGENEITY,
            Kind.SKEWNESS,
            Kind.DIFFERENCING_INFERENCE,
        ),
    ),
)
# What the figure beside an attack is, of the figures that are held to a limit.
AT_RISK = Bilingual(
    nb="{highest} for den mest utsatte, {mean} i snitt",
    en="{highest} for the person most at risk, {mean} on average",
)
MOST_AT_RISK = Bilingual(nb="{highest} for den mest utsatte", en="{highest} for the person most at risk")
AT_MOST = Bilingual(nb="høyst {limit}", en="at most {limit}")
LIMITS = {
    "highest": Bilingual(nb="høyst {limit} for den mest utsatte", en="at most {limit} for the most at risk"),
    "rate": AT_MOST,
    "gain": Bilingual(
        nb="høyst {limit} prosentpoeng mer enn uten", en="at most {limit} percentage points more than without"
    ),
}
NOT_TRIED = Bilingual(nb="Ikke prøvd: {what} – {why}.", en="Not tried: {what} – {why}.")
EVERYTHING = Bilingual(nb="Alle målinger", en="All measurements")

CAVEATS = Bilingual(nb="Hva dette ikke sier", en="What this does not say")
ABOUT_CAVEATS = (
    Bilingual(
        nb="Målingene gjelder denne filen, slik den er skrevet, mot de angrepene som er nevnt. De sier "
        "ikke hva som kan skje når den settes sammen med kilder ingen har tenkt på. Andeler av få er "
        "ikke vist, og antall er avrundet.",
        en="The measurements are of this file as written, against the attacks named. They do not say what "
        "may come of joining it with sources nobody thought of. Shares of few are not shown, and counts"
        " are rounded.",
    ),
    Bilingual(
        nb="De tre spørsmålene er artikkel 29-gruppens prøver på anonymitet (WP216, 2014). "
        "Pseudonymisering er ikke anonymisering.",
        en="The three questions are the Article 29 Working Party's tests of anonymity (WP216, 2014). "
        "Pseudonymisation is not anonymisation.",
    ),
)
UNDER, OVER = (
    Bilingual(nb="under {share}", en="below {share}"),
    Bilingual(nb="over {share}", en="above {share}"),
)
TOO_FEW = Bilingual(nb="for få til å vises", en="too few to be shown")
