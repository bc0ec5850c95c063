"""Who is in the exit cohort, and of which year."""

from datetime import date

from tests.spec.example import Chapter, Example

_LEFT_IN_2013 = """
    person_key | programme_key | started_on | ended_on   | programme_status
    1          | 11            | 2012-01-10 | 2013-12-20 | 3
    2          | 21            | 2012-01-10 | 2013-12-20 | 3
"""

CHAPTER = Chapter(
    "The exit cohort",
    (
        "A person belongs to the cohort of the year they last ended a programme (Statistics Norway's "
        "*avgangskohort*)."
    ),
    (
        Example(
            title="The last exit decides",
            text="Who re-enters belongs only to the last cohort. Who has not ended belongs to none.",
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            | 2010-01-10 | 2011-12-20 | 3
                    1          | 12            | 2013-02-01 | 2014-06-30 | 3
                    2          | 21            | 2024-02-01 |            | 1
                """
            },
            expected={
                "exit_cohort": """
                    person_key | programme_key | ended_on   | exit_year
                    1          | 12            | 2014-06-30 | 2014
                """
            },
        ),
        Example(
            title="A person who has come back stays in the cohort they last left with",
            text="An end nobody registered is common: an open programme takes nobody out of a cohort.",
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            | 2010-01-10 | 2011-12-20 | 3
                    1          | 12            | 2013-02-01 |            | 1
                """
            },
            expected={
                "exit_cohort": """
                    person_key | programme_key | exit_year
                    1          | 11            | 2011
                """
            },
        ),
        Example(
            title="A move between bydeler is no exit",
            text=(
                "Status 6 says that the bydel was left. Where the person's next programme starts within 31 "
                "days of the end, the programme goes on there. The 32nd day is too late."
            ),
            given={
                "case": """
                    case_key | person_key | bydel
                    101      | 1          | 01
                    102      | 1          | 12
                """,
                "programme": """
                    person_key | programme_key | case_key | started_on | ended_on   | programme_status
                    1          | 11            | 101      | 2010-01-10 | 2011-01-01 | 6
                    1          | 12            | 102      | 2011-02-01 |            | 1
                    2          | 21            |          | 2010-01-10 | 2011-01-01 | 6
                    2          | 22            |          | 2011-02-02 |            | 1
                """,
            },
            expected={
                "programme_spell": """
                    programme_key | programme_number | bydel
                    11            | 1                | 01
                    12            | 2                | 12
                    21            | 1                |
                    22            | 2                |
                """,
                "exit_cohort": """
                    person_key | programme_key | exit_year
                    2          | 21            | 2011
                """,
            },
        ),
        Example(
            title="Two bydeler may register the move on two days",
            text="The next programme may also start up to 31 days before the end.",
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            | 2010-01-10 | 2011-02-01 | 6
                    1          | 12            | 2011-01-01 | 2012-01-09 | 3
                """
            },
            expected={
                "exit_cohort": """
                    person_key | programme_key | exit_year
                    1          | 12            | 2012
                """
            },
        ),
        Example(
            title="Only status 6 splits a programme",
            text="A programme ended for another reason is an exit, however soon the next one starts.",
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            | 2010-01-10 | 2011-02-01 | 5
                    1          | 12            | 2011-02-02 |            | 1
                """
            },
            expected={
                "exit_cohort": """
                    person_key | programme_key | exit_year
                    1          | 11            | 2011
                """
            },
        ),
        Example(
            title="An end after the night has not happened",
            text="The night of 30 June 2014 sees an end on that day, and not the day after's.",
            as_of=date(2014, 6, 30),
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            | 2013-02-01 | 2014-06-30 | 3
                    2          | 21            | 2013-02-01 | 2014-07-01 | 3
                """
            },
            expected={
                "exit_cohort": """
                    person_key | exit_year
                    1          | 2014
                """
            },
        ),
        Example(
            title="An end the case system lost is NIR's",
            text=(
                "A status that says ended (3, 4, 5 or 7) without an end takes the end of NIR's row of the "
                "programme. A programme that runs (person 2) takes none."
            ),
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on | programme_status
                    1          | 11            | 2012-01-10 |          | 4
                    2          | 21            | 2012-01-10 |          | 1
                """,
                "nir_participant/2013": """
                    person_key | municipality | started_on | ended_on   | delivery_year
                    1          | 0301         | 2012-01-10 | 2013-12-20 | 2013
                    2          | 0301         | 2012-01-10 | 2013-12-20 | 2013
                """,
            },
            expected={
                "programme_spell": """
                    programme_key | ended_on | exited_on
                    11            |          | 2013-12-20
                    21            |          |
                """,
                "exit_cohort": "programme_key | ended_on | exit_year\n11 | 2013-12-20 | 2013",
                "cohort_exclusion": "person_key | exclusion\n2 | still_in_programme",
            },
        ),
        Example(
            title="Whoever is in no cohort is counted with the reason",
            text=(
                "Person 1's programme runs, person 2's will end, person 3's has ended nobody knows when, "
                "and of person 4's nobody knows whether it has. The latest programme speaks: person 5's "
                "has ended, the one before it was never closed."
            ),
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            | 2012-01-10 |            | 2
                    2          | 21            | 2024-01-10 | 2025-03-02 | 3
                    3          | 31            | 2012-01-10 |            | 3
                    4          | 41            | 2012-01-10 |            |
                    5          | 51            | 2012-01-10 |            | 1
                    5          | 52            | 2014-01-10 |            | 7
                """,
            },
            expected={
                "cohort_exclusion": """
                    person_key | exclusion
                    1          | still_in_programme
                    2          | still_in_programme
                    3          | end_unknown
                    4          | end_unknown
                    5          | end_unknown
                """
            },
        ),
        Example(
            title="Ties are broken on purpose",
            text=(
                "Two exits on one day are often one programme entered twice. The one with a registered "
                "reason counts (person 1; 98 is none), then the one that started first (person 2; a start "
                "nobody registered comes last), then the lower key (person 3)."
            ),
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            | 2011-02-01 | 2013-06-30 | 3
                    1          | 12            | 2012-03-01 | 2013-06-30 | 3
                    2          | 21            |            | 2013-06-30 | 3
                    2          | 22            | 2012-03-01 | 2013-06-30 | 3
                    2          | 23            | 2011-02-01 | 2013-06-30 | 3
                    3          | 31            | 2011-02-01 | 2013-06-30 | 3
                    3          | 32            | 2011-02-01 | 2013-06-30 | 3
                """,
                "result": "programme_key | nir_exit\n11 | 98\n12 | 01",
            },
            expected={
                "exit_cohort": """
                    person_key | programme_key | nir_exit
                    1          | 12            | 01
                    2          | 23            | 98
                    3          | 31            | 98
                """
            },
        ),
        Example(
            title="Care leave after birth moves the exit to its end",
            text=(
                "Who ends the programme on care leave (OMS in NIR) and does not return joins the cohort "
                "at the end of the leave. Person 2 was on leave for illness."
            ),
            given={
                "programme": _LEFT_IN_2013,
                "nir_leave/2014": """
                    person_key | municipality | leave_cause | started_on | ended_on   | delivery_year
                    1          | 0301         | OMS         | 2013-11-01 | 2014-08-31 | 2014
                    2          | 0301         | SYK         | 2013-11-01 | 2014-08-31 | 2014
                """,
            },
            expected={
                "exit_cohort": """
                    person_key | ended_on   | left_on    | exit_year
                    1          | 2013-12-20 | 2014-08-31 | 2014
                    2          | 2013-12-20 | 2013-12-20 | 2013
                """
            },
        ),
        Example(
            title="Leave counts if it had not ended before the programme and began within 31 days of its end",
            text=(
                "Person 1's leave began on the 31st day after the end, person 2's on the 32nd. Below, person "
                "1's ended the day before the programme."
            ),
            given={
                "programme": _LEFT_IN_2013,
                "nir_leave/2014": """
                    person_key | municipality | leave_cause | started_on | ended_on   | delivery_year
                    1          | 0301         | OMS         | 2013-01-20 | 2013-12-19 | 2014
                    1          | 0301         | OMS         | 2014-01-20 | 2014-10-31 | 2014
                    2          | 0301         | OMS         | 2014-01-21 | 2014-10-31 | 2014
                """,
            },
            expected={
                "exit_cohort": """
                    person_key | left_on
                    1          | 2014-10-31
                    2          | 2013-12-20
                """
            },
        ),
        Example(
            title="Leave from an earlier programme has ended with the return",
            text="It began before the programme did, and nobody registered its end.",
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            | 2012-01-10 | 2013-12-20 | 3
                """,
                "nir_leave/2014": """
                    person_key | municipality | leave_cause | started_on | ended_on | delivery_year
                    1          | 0301         | OMS         | 2012-01-09 |          | 2014
                """,
            },
            expected={"exit_cohort": "person_key | left_on\n1 | 2013-12-20"},
        ),
        Example(
            title="Leave that began before a move between bydeler is leave from the programme",
            text="The programme began when its first part did.",
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            | 2010-01-10 | 2010-10-01 | 6
                    1          | 12            | 2010-10-01 | 2010-12-20 | 3
                """,
                "nir_leave/2011": """
                    person_key | municipality | leave_cause | started_on | ended_on   | delivery_year
                    1          | 0301         | OMS         | 2010-09-15 | 2011-07-15 | 2011
                """,
            },
            expected={
                "programme_spell": """
                    programme_key | began_on   | started_on
                    11            | 2010-01-10 | 2010-01-10
                    12            | 2010-01-10 | 2010-10-01
                """,
                "exit_cohort": "programme_key | left_on | exit_year\n12 | 2011-07-15 | 2011",
            },
        ),
        Example(
            title="Leave without an end lasts ten months",
            text="The law gives no more. Person 2's ten months were over before the programme ended.",
            given={
                "programme": _LEFT_IN_2013,
                "nir_leave/2014": """
                    person_key | municipality | leave_cause | started_on | ended_on | delivery_year
                    1          | 0301         | OMS         | 2013-11-01 |          | 2014
                    2          | 0301         | OMS         | 2012-11-01 |          | 2014
                """,
            },
            expected={
                "exit_cohort": """
                    person_key | left_on    | exit_year
                    1          | 2014-09-01 | 2014
                    2          | 2013-12-20 | 2013
                """
            },
        ),
        Example(
            title="A leave that goes on is no exit yet",
            text=(
                "Person 1's leave has no end and reaches ten months the day after the night, person 2's ends "
                "then. Neither is in a cohort, not even in that of an earlier programme."
            ),
            as_of=date(2014, 8, 31),
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 10            | 2008-01-10 | 2009-12-20 | 3
                    1          | 11            | 2012-01-10 | 2013-12-20 | 3
                    2          | 21            | 2012-01-10 | 2013-12-20 | 3
                    3          | 31            | 2012-01-10 | 2013-12-20 | 3
                """,
                "nir_leave/2014": """
                    person_key | municipality | leave_cause | started_on | ended_on   | delivery_year
                    1          | 0301         | OMS         | 2013-11-01 |            | 2014
                    2          | 0301         | OMS         | 2013-11-01 | 2014-09-01 | 2014
                    3          | 0301         | OMS         | 2013-11-01 | 2014-08-31 | 2014
                """,
            },
            expected={
                "exit_cohort": "person_key | left_on\n3 | 2014-08-31",
                "cohort_exclusion": "person_key | exclusion\n1 | on_leave\n2 | on_leave",
            },
        ),
        Example(
            title="Who returns from care leave left when the programme ended",
            text="A later programme that has started is a return, also where its end is not known.",
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            | 2012-01-10 | 2013-12-20 | 3
                    1          | 12            | 2014-09-01 |            | 1
                """,
                "nir_leave/2014": """
                    person_key | municipality | leave_cause | started_on | ended_on   | delivery_year
                    1          | 0301         | OMS         | 2013-11-01 | 2014-08-31 | 2014
                """,
            },
            expected={"exit_cohort": "programme_key | left_on | exit_year\n11 | 2013-12-20 | 2013"},
        ),
        Example(
            title="A leave is as the latest delivery has it",
            text=(
                "An end that came later closes it. Of two ends in one delivery the later holds, and no "
                "end is the latest: person 2's leave lasts the ten months it may."
            ),
            given={
                "programme": _LEFT_IN_2013,
                "nir_leave/2013": """
                    person_key | municipality | leave_cause | started_on | ended_on   | delivery_year
                    1          | 0301         | OMS         | 2013-11-01 |            | 2013
                """,
                "nir_leave/2014": """
                    person_key | municipality | leave_cause | started_on | ended_on   | delivery_year
                    1          | 0301         | OMS         | 2013-11-01 | 2014-07-31 | 2014
                    1          | 0219         | OMS         | 2013-11-01 | 2014-08-31 | 2014
                    2          | 0301         | OMS         | 2013-11-01 | 2014-07-31 | 2014
                    2          | 0219         | OMS         | 2013-11-01 |            | 2014
                """,
            },
            expected={"exit_cohort": "person_key | left_on\n1 | 2014-08-31\n2 | 2014-09-01"},
        ),
    ),
)
