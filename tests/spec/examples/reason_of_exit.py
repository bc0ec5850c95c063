"""Whose reason of exit counts: the case system's or NIR's."""

from tests.spec.example import Chapter, Example

_ENDED = """
    person_key | programme_key | started_on | ended_on   | programme_status
    1          | 11            | 2012-01-10 | 2013-12-20 | 3
"""

CHAPTER = Chapter(
    "The reason of exit",
    "Final results go to NIR. What NIR says wins over the case system, where NIR says anything.",
    (
        Example(
            title="NIR wins",
            text="The row of the same person whose start lies within 31 days of the programme's start.",
            given={
                "programme": _ENDED,
                "result": """
                    programme_key | dated_on   | result | nir_exit
                    11            | 2013-12-20 | X      | 21
                """,
                "nir_participant/2013": """
                    person_key | municipality | started_on | nir_exit | delivery_year
                    1          | 0301         | 2012-02-10 | 01       | 2013
                """,
            },
            expected={"exit_cohort": "programme_key | nir_exit\n11 | 01"},
        ),
        Example(
            title="A start more than 31 days away is another programme",
            text="Then the case system's reason stands.",
            given={
                "programme": _ENDED,
                "result": "programme_key | nir_exit\n11 | 21",
                "nir_participant/2013": """
                    person_key | municipality | started_on | nir_exit | delivery_year
                    1          | 0301         | 2012-02-11 | 01       | 2013
                """,
            },
            expected={"exit_cohort": "programme_key | nir_exit\n11 | 21"},
        ),
        Example(
            title="«Not registered» in NIR does not hide what the case system knows",
            text="98, like a missing reason, says nothing: the case system's reason stands.",
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on
                    1          | 11            | 2012-01-10 | 2013-12-20
                    2          | 21            | 2012-01-10 | 2013-12-20
                """,
                "result": "programme_key | nir_exit\n11 | 12\n21 | 12",
                "nir_participant/2013": """
                    person_key | municipality | started_on | nir_exit | delivery_year
                    1          | 0301         | 2012-01-10 | 98       | 2013
                    2          | 0301         | 2012-01-10 |          | 2013
                """,
            },
            expected={"exit_cohort": "person_key | nir_exit\n1 | 12\n2 | 12"},
        ),
        Example(
            title="Who has no reason at all stays in the cohort",
            text="*Avslutningsårsak ikke registrert* is a reason of its own: missing is not excluded.",
            given={"programme": _ENDED},
            expected={
                "programme_spell": "programme_key | nir_exit\n11 |",
                "exit_cohort": "person_key | nir_exit\n1 | 98",
            },
        ),
        Example(
            title="The nearest municipality, as it delivered last",
            text=(
                "NIR is delivered every year; a programme stands in several deliveries. The municipality "
                "with the nearest start has the programme, and its latest delivery knows it best."
            ),
            given={
                "programme": _ENDED,
                "nir_participant/2013": """
                    person_key | municipality | started_on | nir_exit | delivery_year
                    1          | 0301         | 2012-01-12 | 98       | 2013
                    1          | 0219         | 2012-01-20 | 90       | 2013
                """,
                "nir_participant/2014": """
                    person_key | municipality | started_on | nir_exit | delivery_year
                    1          | 0301         | 2012-01-12 | 02       | 2014
                    1          | 0219         | 2012-01-20 | 90       | 2014
                """,
            },
            expected={"exit_cohort": "programme_key | nir_exit\n11 | 02"},
        ),
        Example(
            title="A later delivery beats a nearer start",
            text=(
                "A start the municipality has put right since is the same programme's, and so is a reason."
            ),
            given={
                "programme": _ENDED,
                "nir_participant/2012": """
                    person_key | municipality | started_on | nir_exit | delivery_year
                    1          | 0301         | 2012-01-10 | 90       | 2012
                """,
                "nir_participant/2013": """
                    person_key | municipality | started_on | nir_exit | delivery_year
                    1          | 0301         | 2012-01-14 | 01       | 2013
                """,
            },
            expected={"exit_cohort": "programme_key | nir_exit\n11 | 01"},
        ),
        Example(
            title="A programme without a start is known by its end",
            text="NIR's end may lie up to 31 days from it, on either side. Person 2's is a day too late.",
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            |            | 2013-12-20 | 3
                    2          | 21            |            | 2013-12-20 | 3
                """,
                "nir_participant/2014": """
                    person_key | municipality | started_on | ended_on   | nir_exit | delivery_year
                    1          | 0301         | 2012-01-10 | 2014-01-20 | 01       | 2014
                    2          | 0301         | 2012-01-10 | 2014-01-21 | 01       | 2014
                """,
            },
            expected={"exit_cohort": "person_key | nir_exit\n1 | 01\n2 | 98"},
        ),
        Example(
            title="A programme split by a move is one programme to NIR",
            text=(
                "NIR's start is the first part's, its reason of exit the last part's. The part that was "
                "left by moving keeps what the case system says of it."
            ),
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on   | programme_status
                    1          | 11            | 2012-01-10 | 2012-12-31 | 6
                    1          | 12            | 2013-01-02 | 2013-12-20 | 3
                """,
                "nir_participant/2013": """
                    person_key | municipality | started_on | nir_exit | delivery_year
                    1          | 0301         | 2012-01-10 | 11       | 2013
                """,
            },
            expected={
                "programme_spell": """
                    programme_key | nir_exit
                    11            |
                    12            | 11
                """,
                "exit_cohort": "programme_key | nir_exit\n12 | 11",
            },
        ),
    ),
)
