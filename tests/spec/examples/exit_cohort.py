"""Who is in the exit cohort, and of which year."""

from datetime import date

from tests.spec.example import Chapter, Example

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
            title="Ties are broken on purpose",
            text="Of two exits on one day the programme that started last counts, then the higher key.",
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            | 2012-03-01 | 2013-06-30 | 3
                    1          | 12            | 2011-02-01 | 2013-06-30 | 3
                    2          | 21            | 2011-02-01 | 2013-06-30 | 3
                    2          | 22            | 2011-02-01 | 2013-06-30 | 3
                """
            },
            expected={
                "exit_cohort": """
                    person_key | programme_key
                    1          | 11
                    2          | 22
                """
            },
        ),
    ),
)
