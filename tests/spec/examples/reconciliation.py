"""Where the case system and NIR disagree, and programmes that last too long."""

from datetime import date

from tests.spec.example import Chapter, Example

_CASE = "case_key | person_key | municipality | bydel | opened_on\n101 | 1 | 0301 | 01 | 2012-01-01"
_PROGRAMME = """
    person_key | programme_key | case_key | decided_on | started_on | ended_on   | programme_status
    1          | 11            | 101      | 2011-12-20 | 2012-01-10 | 2013-12-20 | 3
"""

RECONCILIATION = Chapter(
    "The case system against NIR",
    (
        "Every programme is held against what NIR's latest delivery says of it; what a move between bydeler "
        "split is one programme. NIR's report is of the programme when both have one decision, or start "
        "within 31 days of each other."
    ),
    (
        Example(
            title="What agrees is said too",
            text="So that every programme is accounted for, and the differences have a denominator.",
            given={
                "case": _CASE,
                "programme": _PROGRAMME,
                "result": "programme_key | nir_exit\n11 | 01",
                "nir_participant/2013": """
                    person_key | municipality | started_on | ended_on   | nir_exit | delivery_year
                    1          | 0301         | 2012-01-10 | 2013-12-20 | 01       | 2013
                """,
            },
            expected={"reconciliation": "person_key | kind | programme_key\n1 | agrees | 11"},
        ),
        Example(
            title="Each difference is a row, with who changed it last",
            text=(
                "The reason was sent to NIR in May 2014, after the cut-off (28 February) of the delivery "
                "with another: the case system changed last. One decision joins starts however far apart."
            ),
            given={
                "case": _CASE,
                "programme": _PROGRAMME,
                "result": "programme_key | nir_exit | sent_to_nir_on\n11 | 01 | 2014-05-02",
                "nir_participant/2013": """
                    person_key | municipality | decided_on | started_on | ended_on   | delivery_year
                    1          | 0301         | 2011-12-20 | 2012-03-10 | 2013-12-31 | 2013
                """,
            },
            expected={
                "reconciliation": """
                    kind           | days_apart | changed_last | bydel | year
                    end_differs    | 11         | case_system  | 01    | 2012
                    reason_differs |            | case_system  | 01    | 2012
                    start_differs  | 60         | case_system  | 01    | 2012
                """
            },
        ),
        Example(
            title="NIR cannot know what came after its delivery",
            text="An end in 2013 is no difference from a delivery of 2012 without one.",
            given={
                "case": _CASE,
                "programme": _PROGRAMME,
                "nir_participant/2012": """
                    person_key | municipality | started_on | ended_on | delivery_year
                    1          | 0301         | 2012-01-10 |          | 2012
                """,
            },
            expected={"reconciliation": "kind\nagrees"},
        ),
        Example(
            title="No report, no delivery and no identifier are told apart",
            text=(
                "Person 1 was in a programme in a year NIR was delivered for. Person 2's programme began "
                "after. Person 3 has no number NIR could know."
            ),
            given={
                "case": _CASE,
                "programme": """
                    person_key | programme_key | started_on | ended_on
                    1          | 11            | 2012-01-10 | 2013-12-20
                    2          | 21            | 2014-02-01 |
                    3          | 31            | 2012-01-10 | 2013-12-20
                """,
                "nir_participant/2013": "",
            },
            linkable=(1, 2),
            expected={
                "reconciliation": """
                    person_key | kind
                    1          | only_in_case_system
                    2          | not_delivered
                    3          | not_identified
                """,
                "reconciliation_summary": """
                    kind                | year | bydel | programmes
                    not_delivered       | 2014 | 99    | 1
                    not_identified      | 2012 | 99    | 1
                    only_in_case_system | 2012 | 99    | 1
                """,
            },
        ),
        Example(
            title="What only NIR has, where it is ours",
            text="A programme in another municipality is not ours to have.",
            given={
                "case": _CASE,
                "nir_participant/2013": """
                    person_key | municipality | started_on | delivery_year
                    1          | 0301         | 2012-05-10 | 2013
                    1          | 1103         | 2013-05-10 | 2013
                """,
            },
            expected={
                "reconciliation": """
                    person_key | kind        | programme_key | changed_last | bydel | year
                    1          | only_in_nir |               | nir          | 01    | 2012
                """
            },
        ),
        Example(
            title="Two bydeler, one programme",
            text="NIR knows nothing of the move: its report is held against the whole chain.",
            given={
                "case": """
                    case_key | person_key | municipality | bydel | opened_on
                    101      | 1          | 0301         | 01    | 2012-01-01
                    102      | 1          | 0301         | 12    | 2013-01-01
                """,
                "programme": """
                    person_key | programme_key | case_key | started_on | ended_on   | programme_status
                    1          | 11            | 101      | 2012-01-10 | 2013-01-15 | 6
                    1          | 12            | 102      | 2013-01-16 | 2013-12-20 | 3
                """,
                "nir_participant/2013": """
                    person_key | municipality | started_on | ended_on   | delivery_year
                    1          | 0301         | 2012-01-10 | 2013-12-20 | 2013
                """,
            },
            expected={
                "programme_chain": """
                    programme_key | number | first_programme_key | last_programme_key
                    11            | 1      | 11                  | 12
                    12            | 1      | 11                  | 12
                """,
                "reconciliation": "kind | programme_key | bydel\nagrees | 12 | 12",
            },
        ),
        Example(
            title="Activities are compared where both have them",
            text=(
                "Language practice may be language training or work-oriented: it agrees with either. Work "
                "practice is never language training."
            ),
            given={
                "case": """
                    case_key | person_key | municipality
                    101      | 1          | 0301
                    201      | 2          | 0301
                """,
                "programme": """
                    person_key | programme_key | started_on | ended_on
                    1          | 11            | 2012-01-10 | 2013-12-20
                    2          | 21            | 2012-01-10 | 2013-12-20
                """,
                "activity": "activity_key | programme_key | activity\n1 | 11 | SPR\n2 | 21 | SPR",
                "nir_participant/2013": """
                    person_key | municipality | started_on | ended_on   | delivery_year
                    1          | 0301         | 2012-01-10 | 2013-12-20 | 2013
                    2          | 0301         | 2012-01-10 | 2013-12-20 | 2013
                """,
                "nir_measure/2013": """
                    person_key | municipality | measure | started_on | delivery_year
                    1          | 0301         | SPP     | 2012-02-01 | 2013
                    2          | 0301         | NOR     | 2012-02-01 | 2013
                    2          | 0301         | ARP     | 2012-02-01 | 2013
                """,
            },
            expected={"reconciliation": "person_key | kind\n1 | agrees\n2 | activity_differs"},
        ),
    ),
)

FLAGS = Chapter(
    "Programmes to look at",
    (
        "Programmes are held against the law that applied on the day they began, to a person with the permit "
        "held then. Leave does not count."
    ),
    (
        Example(
            title="Three years under the act of 2003",
            text="The last day allowed is the day before three years have gone; leave adds a day for a day.",
            given={
                "programme": """
                    person_key | programme_key | law  | started_on | ended_on   | programme_status
                    1          | 11            | 2003 | 2012-02-01 | 2015-01-31 | 3
                    2          | 21            | 2003 | 2012-02-01 | 2015-02-01 | 3
                    3          | 31            | 2003 | 2012-02-01 | 2015-02-10 | 3
                    4          | 41            | 2003 | 2012-02-01 | 2015-02-11 | 3
                """,
                "absence": """
                    programme_key | started_on | ended_on   | absence_cause
                    31            | 2013-03-01 | 2013-03-10 | FOD
                    41            | 2013-03-01 | 2013-03-10 | FOD
                    41            | 2014-03-01 | 2014-03-10 | SYK
                """,
            },
            expected={
                "programme_flag": """
                    programme_key | flag     | law
                    21            | too_long | 2003
                    41            | too_long | 2003
                """
            },
        ),
        Example(
            title="Four years with upper secondary as the goal, one with collective protection",
            text="Of programmes begun after the act of 2021. One still running is counted to the night.",
            as_of=date(2025, 3, 1),
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status | programme_goal
                    1          | 11            | 2021-02-01 | 2024-06-01 | 3                | V
                    2          | 21            | 2021-02-01 | 2024-06-01 | 3                | A
                    3          | 31            | 2022-09-01 | 2023-09-01 | 3                |
                    4          | 41            | 2021-02-01 |            | 1                | V
                """,
                "residence_permit": "person_key | valid_from | permit_ground\n3 | 2022-08-01 | 34",
            },
            expected={
                "programme_flag": """
                    programme_key | flag     | law
                    21            | too_long | 2021
                    31            | too_long | 6A
                    41            | too_long | 2021
                """
            },
        ),
        Example(
            title="A permit from before the act of 2021 stays under the act of 2003",
            text=(
                "Both began in 2021 with upper secondary as the goal and lasted three years and a half: too "
                "long under the act of 2003, not under the act of 2021, whatever the case system says."
            ),
            given={
                "programme": """
                    person_key | programme_key | law  | started_on | ended_on   | programme_goal
                    1          | 11            | 2021 | 2021-03-01 | 2024-09-01 | V
                    2          | 21            | 2021 | 2021-03-01 | 2024-09-01 | V
                """,
                "residence_permit": """
                    person_key | valid_from | decided_on | permit_ground
                    1          | 2021-01-15 | 2020-12-20 | 28
                    2          | 2021-01-15 | 2021-01-10 | 28
                """,
            },
            expected={"programme_flag": "programme_key | flag     | law\n11            | too_long | 2003"},
        ),
        Example(
            title="Two programmes at once",
            text="One that begins on the day another ends does not overlap it, nor does one it continues.",
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            | 2012-02-01 | 2013-02-01 | 3
                    1          | 12            | 2013-01-31 | 2013-06-01 | 3
                    2          | 21            | 2012-02-01 | 2013-02-01 | 3
                    2          | 22            | 2013-02-01 | 2013-06-01 | 3
                    3          | 31            | 2012-02-01 | 2013-02-01 | 6
                    3          | 32            | 2013-01-20 | 2013-06-01 | 3
                """
            },
            expected={"programme_flag": "programme_key | flag\n12 | overlap"},
        ),
    ),
)

MATCHING = Chapter(
    "Who was found",
    "Who could not be sought in a register is never counted with who was sought and not found.",
    (
        Example(
            title="Not linkable is not the same as no record",
            text="Persons 1 and 2 have a number the register knows; person 3 has none.",
            given={
                "programme": """
                    person_key | programme_key | started_on
                    1          | 11            | 2012-02-01
                    2          | 21            | 2013-02-01
                    3          | 31            | 2013-02-01
                """,
                "population_status/2012": "person_key | year | residence\n1 | 2012 | bosatt",
                "population_status/2013": "person_key | year | residence\n1 | 2013 | bosatt",
            },
            linkable=(1, 2),
            expected={
                "match_rate": """
                    register          | year | best_identifier | expected | linkable | with_record
                    population_status | 2012 | FNR             | 1        | 1        | 1
                    population_status | 2013 | FNR             | 2        | 2        | 1
                    population_status | 2013 | NONE            | 1        | 0        | 0
                """
            },
        ),
        Example(
            title="Nobody is expected in a year they were dead or abroad",
            text=(
                "Person 1 emigrated on 1 January 2013 and person 2 a day later; person 3 is in no population "
                "file and was resident all the time."
            ),
            given={
                "programme": """
                    person_key | programme_key | started_on
                    1          | 11            | 2012-02-01
                    2          | 21            | 2012-02-01
                    3          | 31            | 2012-02-01
                """,
                "population_status/2013": """
                    person_key | year | residence | status_on
                    1          | 2013 | utvandret | 2013-01-01
                    2          | 2013 | utvandret | 2013-01-02
                """,
                "education/2012": "",
                "education/2013": "",
                "education/2014": "",
            },
            linkable=(1, 2, 3),
            expected={
                "match_rate": """
                    register          | year | expected | with_record
                    education         | 2012 | 3        | 0
                    education         | 2013 | 2        | 0
                    education         | 2014 | 1        | 0
                    population_status | 2013 | 2        | 1
                """
            },
        ),
    ),
)
