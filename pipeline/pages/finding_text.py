"""What each flag of the quality checks means to a reader, and what to do about it, in nb and en.

What does not belong here: what a check counts (`quality/rules.py` says that in words of its own), and its
limit (`quality/thresholds.py`).
"""

from __future__ import annotations

from pipeline.pages.phrase import Phrase

FINDING_TEXT: dict[str, Phrase] = {
    "checks": Phrase("Dette fant kontrollene", "What the checks found"),
    "findings": Phrase("Alle funn", "All findings"),
    "findings_lead": Phrase(
        "Hver kontroll som slo ut og kan vises, hva den betyr for den som skal bruke feltet, og hva som kan "
        "gjøres. Et funn er regnet som tilfeldig, og står ikke her, med mindre det holder etter justering "
        "for mange kontroller.",
        "Every check that failed and may be shown, what it means to whoever uses the field, and what can be "
        "done. A finding is taken for chance, and is not here, unless it holds after adjustment for many "
        "checks.",
    ),
    "findings_hidden": Phrase(
        "{suppressed} kontroller er skjult, og om {untold} enkeltår av felt sies ingenting: de er for få til "
        "å vises eller bedømmes. Ingen av dem er regnet som bestått, og det kan være funn blant dem.",
        "{suppressed} checks are hidden, and of {untold} single years of fields nothing is told: too few to "
        "show or to judge. None of them is counted as passed, and there may be findings among them.",
    ),
    "findings_none": Phrase(
        "Ingen kontroll som kunne kjøres og vises, slo ut.", "No check that could run and be shown failed."
    ),
    "findings_decided": Phrase("Ingen funn krever en avgjørelse.", "No finding needs a decision."),
    "findings_one": Phrase("Ett funn krever en avgjørelse.", "One finding needs a decision."),
    "findings_some": Phrase("{count} funn krever en avgjørelse.", "{count} findings need a decision."),
    # what stewards have decided, and what could not be judged, in the first sentences
    "decide_none_left": Phrase(
        "De {latest} siste årene er ingen felt som tilskuddet, NIR eller loven krever, med sikkerhet fylt ut "
        "sjeldnere enn lovet uten at en forvalter har avgjort det.",
        "In the latest {latest} years no field that the grant, NIR or the law asks for was with certainty "
        "filled in less often than promised without a steward having decided about it.",
    ),
    "settled_one": Phrase(
        "Ett tynt felt har forvalterne avgjort; det står for seg nedenfor.",
        "One sparse field the stewards have decided about; it stands by itself below.",
    ),
    "settled_some": Phrase(
        "{count} tynne felt har forvalterne avgjort; de står for seg nedenfor.",
        "{count} sparse fields the stewards have decided about; they stand by themselves below.",
    ),
    "know_none_left": Phrase(
        "Ingen felt som ingen etterspør, ligger med sikkerhet under forventningen uten at en forvalter har "
        "avgjort det.",
        "No field that nobody asks for falls with certainty below what is expected of it without a steward "
        "having decided about it.",
    ),
    "table_settled": Phrase(
        "Tynne felt som forvalterne har avgjort", "Sparse fields stewards have decided about"
    ),
    "uneven_none_judged": Phrase(
        "Ingen felt som kunne bedømmes, fylles svært ulikt fra bydel til bydel.",
        "No field that could be judged is filled very differently from bydel to bydel.",
    ),
    "uneven_unknown": Phrase(
        "Om felt fylles ulikt fra bydel til bydel, kunne ikke bedømmes.",
        "Whether fields are filled differently from bydel to bydel could not be judged.",
    ),
    "uneven_judged": Phrase(
        "Forskjellen mellom bydelene kunne bedømmes for {judged} av {all}, talt per felt og gruppe.",
        "The difference between bydeler could be judged for {judged} of {all}, counted per field and group.",
    ),
    "findings_since": Phrase("Siden {date}: {told}.", "Since {date}: {told}."),
    "since_new": Phrase("{count} nye", "{count} new"),
    "since_worse": Phrase("{count} verre", "{count} worse"),
    "since_returned": Phrase("{count} tilbake", "{count} back"),
    "since_decided": Phrase("{count} avgjort", "{count} decided about"),
    "since_resolved": Phrase("{count} løst", "{count} resolved"),
    "since_held_back": Phrase(
        "{count} borte fordi rader er holdt tilbake i karantene, og ikke regnet som løst",
        "{count} gone because rows were held back in quarantine, and not counted as resolved",
    ),
    "since_judged_otherwise": Phrase(
        "{count} borte fordi grensen, løftet eller årene det bedømmes etter, er andre, og ikke regnet som "
        "løst",
        "{count} gone because the limit, the promise or the years judged by are others, and not counted as "
        "resolved",
    ),
    "since_too_few": Phrase(
        "{count} som nå er ingen tilfeller, eller for få til å vises",
        "{count} that are now no instances, or too few to show",
    ),
    "since_persisting": Phrase("{count} står fortsatt", "{count} still standing"),
    "since_nothing": Phrase("ingenting er endret", "nothing has changed"),
    "filled_head": Phrase("Tynne og ujevne felt", "Sparse and uneven fields"),
    "worse": Phrase("Blitt verre", "Become worse"),
    "worse_since": Phrase("Blitt verre: {since}", "Become worse: {since}"),
    "worse_night": Phrase("{count} siden natten før", "{count} since the night before"),
    "worse_decision": Phrase("{count} siden avgjørelsen", "{count} since the decision"),
    "new": Phrase("Nye funn", "New findings"),
    "is_new": Phrase("nytt", "new"),
    "moved_left_out": Phrase(
        "Flere, som bare står i listen over alle funn: {count}.",
        "More, which stand only in the list of all findings: {count}.",
    ),
    "todo_worse": Phrase("Ta stilling på nytt.", "Decide anew."),
    "worse_tonight": Phrase("verre enn natten før", "worse than the night before"),
    "worse_excepted": Phrase(
        "verre enn da {owner} gjorde unntak, som gjelder til {until}",
        "worse than when {owner} made an exception, which holds until {until}",
    ),
    "worse_since_then": Phrase("blitt verre siden", "worse since then"),
    "findings_not_measured": Phrase(
        "Kunne ikke måles i natt, og er ikke regnet som løst: {count}.",
        "Could not be measured tonight, and not counted as resolved: {count}.",
    ),
    "deciding_by_flag": Phrase(
        "Funnene som krever en avgjørelse, etter slag", "The findings that need a decision, by kind"
    ),
    "deciding_counted": Phrase("({count} funn)", "({count} findings)"),
    "deciding_rest": Phrase(
        "Linjene over er {shown} av de {total} funnene. De andre står i listen over alle funn: {rest}.",
        "The lines above are {shown} of the {total} findings. The others stand in the list of all findings: "
        "{rest}.",
    ),
    "deciding_elsewhere": Phrase(
        "{count} om tynne felt og rader i karantene", "{count} of sparse fields and quarantined rows"
    ),
    "deciding_left_out": Phrase("{count} uten plass her", "{count} without room here"),
    "asks": Phrase("krever avgjørelse", "needs a decision"),
    "asks_some": Phrase("{count} krever avgjørelse", "{count} to decide"),
    "findings_more": Phrase("Vis dem ({count})", "Show them ({count})"),
    "where": Phrase("Hvor", "Where"),
    "finding": Phrase("Funn", "Finding"),
    "gravity": Phrase("Alvor", "Severity"),
    "how_much": Phrase("Hvor mye", "How much"),
    "standing": Phrase("Avgjørelse", "Decision"),
    "standing_open": Phrase("åpen", "open"),
    "standing_acknowledged": Phrase("tatt tak i av {owner}", "taken on by {owner}"),
    "standing_excepted": Phrase("unntak til {until} ({owner})", "exception until {until} ({owner})"),
    "standing_worsened": Phrase("verre enn da {owner} tok tak i det", "worse than when {owner} took it on"),
    "standing_expired": Phrase("unntaket er utløpt {until}", "exception expired {until}"),
    "standing_unfit": Phrase("merket som uegnet av {owner}", "marked as unfit by {owner}"),
    "place_table": Phrase("{table}", "{table}"),
    "place_field": Phrase("«{field}» ({table})", "“{field}” ({table})"),
    "place_bydel": Phrase("bydel {bydel}", "bydel {bydel}"),
    "place_latest": Phrase("siste {count} år", "latest {count} years"),
    "against": Phrase("mot {other}", "against {other}"),
    "against_rule": Phrase("regel: {rule}", "rule: {rule}"),
    "affected": Phrase("{count} tilfeller", "{count} instances"),
    "band_of": Phrase("{band} har verdi, av {count}", "{band} have a value, of {count}"),
    # how large the effect is: {size} is «about 20» or «under 5»
    "size_about": Phrase("rundt {figure}", "about {figure}"),
    "size_most": Phrase("høyst rundt {figure}", "at most about {figure}"),
    "size_least": Phrase("minst rundt {figure}", "at least about {figure}"),
    "size_under": Phrase("under {figure}", "under {figure}"),
    "effect_gap": Phrase(
        "{size} prosentpoeng under det lovede", "{size} percentage points below what is promised"
    ),
    "effect_spread": Phrase(
        "{size} prosentpoeng mellom høyeste og laveste",
        "{size} percentage points between highest and lowest",
    ),
    "effect_middle_half": Phrase(
        "den midterste halvparten spenner over {size} prosentpoeng",
        "the middle half spans {size} percentage points",
    ),
    "effect_change_up": Phrase(
        "opp {size} prosentpoeng fra året før", "up {size} percentage points from the year before"
    ),
    "effect_change_down": Phrase(
        "ned {size} prosentpoeng fra året før", "down {size} percentage points from the year before"
    ),
    "effect_yearly_change": Phrase("ned {size} prosentpoeng i året", "down {size} percentage points a year"),
    "effect_expected_final": Phrase("ventet til slutt: {size} %", "expected in the end: {size} %"),
    "effect_now": Phrase(
        "siste {months} måneder: nå {now}\N{NO-BREAK SPACE}%, ventet til slutt {then}\N{NO-BREAK SPACE}%",
        "latest {months} months: now {now}\N{NO-BREAK SPACE}%, expected in the end {then}\N{NO-BREAK SPACE}%",
    ),
    "effect_came": Phrase(
        "siste {months} måneder: nå {now}\N{NO-BREAK SPACE}%, og lite mer ventes; "
        "over {limit}\N{NO-BREAK SPACE}% av verdiene kom etter fristen eller er ennå ventet",
        "latest {months} months: now {now}\N{NO-BREAK SPACE}%, and little more is expected; more than "
        "{limit}\N{NO-BREAK SPACE}% of the values came after the time limit or are still to come",
    ),
    "effect_cramers_v": Phrase(
        "sammenheng {strength} (Cramérs V {size})",
        "{strength} association (Cramér's V {size})",
    ),
    "effect_risk_difference": Phrase(
        "{size} prosentpoeng mellom gruppene", "{size} percentage points between the groups"
    ),
    "effect_share": Phrase("{size} % rammet", "{size} % affected"),
    "strength_weak": Phrase("svak", "weak"),
    "strength_moderate": Phrase("middels", "moderate"),
    "strength_strong": Phrase("sterk", "strong"),
    # why a flag matters, and what to do
    "why_sparse": Phrase(
        "De som mangler, er ikke med i noen analyse som bruker feltet.",
        "Whoever is missing is in no analysis that uses the field.",
    ),
    "why_uneven": Phrase(
        "Bydeler kan ikke sammenlignes på feltet: forskjellen er praksis, ikke personer.",
        "Bydeler cannot be compared on the field: the difference is practice, not persons.",
    ),
    "why_uneven_advisers": Phrase(
        "Om feltet er fylt, avhenger av hvem som var rådgiver.",
        "Whether the field is filled depends on who was the adviser.",
    ),
    "why_shifted": Phrase(
        "En tidsserie over bruddet viser ny praksis som om det var ny virkelighet.",
        "A series across the break shows a new practice as if it were a new reality.",
    ),
    "why_decaying": Phrase(
        "Feltet er på vei til å bli ubrukelig for de siste årskullene.",
        "The field is on its way to being useless for the latest cohorts.",
    ),
    "why_late": Phrase(
        "Der mer ventes, er tallene for de siste månedene for lave, og vil stige.",
        "Where more is expected, the figures of the latest months are too low, and will rise.",
    ),
    "why_late_came": Phrase(
        "Der lite mer ventes, kom verdiene etter fristen: den som brukte tallene mens de var nye, hadde for "
        "få.",
        "Where little more is expected, the values came after the time limit: whoever used the figures while "
        "they were new had too few.",
    ),
    "why_late_untold": Phrase(
        "Verdier kommer etter fristen: tallene for de siste månedene kan være for lave.",
        "Values come after the time limit: the figures of the latest months may be too low.",
    ),
    "why_machine_filled": Phrase(
        "Verdiene er skrevet i bunke eller forhåndsvalgt: de sier ikke det de ser ut til å si.",
        "The values were written in a batch or by default: they do not say what they seem to.",
    ),
    "why_informative": Phrase(
        "Å bruke bare dem med verdi gir skjeve svar.",
        "Using only those with a value gives biased answers.",
    ),
    "why_contradictory": Phrase(
        "To opplysninger om det samme stemmer ikke overens, og svaret avhenger av hvilken man bruker.",
        "Two statements of the same thing disagree, and the answer depends on which one is used.",
    ),
    "why_free_text": Phrase(
        "Tekst kan ikke telles, og kan røpe hvem det gjelder.",
        "Text cannot be counted, and may reveal whom it is about.",
    ),
    "why_invalid": Phrase(
        "Radene er i karantene og mangler i alt som lages.",
        "The rows are in quarantine and missing from everything that is made.",
    ),
    "todo_sparse": Phrase(
        "Gå gjennom med bydelene hvorfor feltet står tomt.",
        "Ask the bydeler why the field is left empty.",
    ),
    "todo_sparse_unasked": Phrase(
        "Felt som ingen etterspør: ingen feil å rette, men et forbehold å ta der de brukes.",
        "Fields that nobody asks for: no error to correct, but a reservation to make where they are used.",
    ),
    "todo_uneven": Phrase(
        "Avklar én praksis for alle bydeler; forskere: juster for bydel.",
        "Settle one practice for all bydeler; researchers: adjust for bydel.",
    ),
    "todo_uneven_advisers": Phrase(
        "Ta det opp som veiledning i bydelene. Ingen rådgiver er pekt ut.",
        "Bring it up as guidance in the bydeler. No adviser is singled out.",
    ),
    "todo_shifted": Phrase(
        "Finn ut hva som ble endret det året, og skriv det i kodeboken.",
        "Find out what changed that year, and write it in the codebook.",
    ),
    "todo_decaying": Phrase(
        "Avgjør om feltet fortsatt skal registreres, og si fra til bydelene.",
        "Decide whether the field is still to be registered, and tell the bydeler.",
    ),
    "todo_late": Phrase(
        "Vent med å bruke de siste månedene, eller oppgi det ventede tallet.",
        "Wait before using the latest months, or give the expected figure.",
    ),
    "todo_late_came": Phrase(
        "Finn ut hvorfor verdiene kommer sent, og vent like lenge før nye måneder brukes.",
        "Find out why the values come late, and wait as long before new months are used.",
    ),
    "todo_late_untold": Phrase(
        "Vent med å bruke de siste månedene.",
        "Wait before using the latest months.",
    ),
    "todo_machine_filled": Phrase(
        "Behandle verdiene som ukjente til noen har forklart dem.",
        "Treat the values as unknown until somebody has explained them.",
    ),
    "todo_informative": Phrase(
        "Bruk vekting eller imputering, og meld fra om feltet i artikkelen.",
        "Use weighting or imputation, and report the field in the article.",
    ),
    "todo_contradictory": Phrase(
        "La bydelen se på saken: arbeidslisten har saksnumrene. Én linje der kan gjelde flere tilfeller.",
        "Let the bydel look at the case: the worklist has the case numbers. A line there may stand for "
        "several instances.",
    ),
    "todo_free_text": Phrase(
        "Velg en kode, ta navn og numre ut av teksten: arbeidslisten har saksnumrene. Én linje der kan "
        "gjelde flere tilfeller.",
        "Choose a code, take names and numbers out of the text: the worklist has the case numbers. A line "
        "there may stand for several instances.",
    ),
    "todo_told_there": Phrase(
        "Det samme som funnet «{check}» for feltet: neste steg står der.",
        "The same as the finding “{check}” of the field: the next step stands there.",
    ),
    "todo_invalid": Phrase(
        "Rett i fagsystemet: arbeidslisten har saksnumrene. Én linje der kan gjelde flere tilfeller.",
        "Correct it in the case system: the worklist has the case numbers. A line there may stand for "
        "several instances.",
    ),
    "todo_contradictory_delivered": Phrase(
        "Levert av andre: spør leverandøren hvilken opplysning som gjelder.",
        "Delivered by others: ask the supplier which statement holds.",
    ),
    "todo_invalid_delivered": Phrase(
        "Levert av andre: be leverandøren rette og levere på nytt.",
        "Delivered by others: ask the supplier to correct it and deliver again.",
    ),
    "flow_alt": Phrase(
        "Av {received} mottatte rader er {passed} godkjent og {quarantined} i karantene: {parts}.",
        "Of {received} rows received {passed} passed and {quarantined} are in quarantine: {parts}.",
    ),
    "flow_others": Phrase("andre tabeller", "other tables"),
    "flow_part": Phrase("{table} {rows}", "{table} {rows}"),
}
