"""Outcomes at their windows: what counts, and who is not in the denominator."""

from datetime import date

from tests.spec.example import Chapter, Example

_LEFT_IN_2014 = """
    person_key | programme_key | started_on | ended_on   | programme_status
    1          | 11            | 2012-06-01 | 2014-06-30 | 3
    2          | 21            | 2012-06-01 | 2014-06-30 | 3
    3          | 31            | 2012-06-01 | 2014-06-30 | 3
"""

CHAPTER = Chapter(
    "Outcomes",
    "Each outcome has a numerator, a denominator, and everybody else by the reason they are not in it.",
    (
        Example(
            title="y0: work and education count, and everybody is in the denominator",
            text=(
                "The reason of exit by its parent in the code list: A is work, U is education, N is not "
                "registered, all else is other. Compulsory school (10) is not education."
            ),
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on
                    1          | 11            | 2012-06-01 | 2014-06-30
                    2          | 21            | 2012-06-01 | 2014-06-30
                    3          | 31            | 2012-06-01 | 2014-06-30
                    4          | 41            | 2012-06-01 | 2014-06-30
                """,
                "result": "programme_key | nir_exit\n11 | 02\n21 | 11\n31 | 10",
            },
            as_of=date(2014, 7, 1),
            expected={
                "outcome": """
                    person_key | outcome | due_on     | status         | censoring | in_numerator
                    1          | y0      | 2014-06-30 | work           | observed  | yes
                    1          | y1      | 2015-11-30 |                | not_due   | no
                    1          | y5      | 2019-11-30 |                | not_due   | no
                    2          | y0      | 2014-06-30 | education      | observed  | yes
                    2          | y1      | 2015-11-30 |                | not_due   | no
                    2          | y5      | 2019-11-30 |                | not_due   | no
                    3          | y0      | 2014-06-30 | other          | observed  | no
                    3          | y1      | 2015-11-30 |                | not_due   | no
                    3          | y5      | 2019-11-30 |                | not_due   | no
                    4          | y0      | 2014-06-30 | not_registered | observed  | no
                    4          | y1      | 2015-11-30 |                | not_due   | no
                    4          | y5      | 2019-11-30 |                | not_due   | no
                """,
                "outcome_summary": """
                    exit_year | outcome | numerator | denominator | not_due
                    2014      | y0      | 2         | 4           | 0
                    2014      | y1      | 0         | 0           | 4
                    2014      | y5      | 0         | 0           | 4
                """,
            },
        ),
        Example(
            title="y1 and y5: in work in November",
            text=(
                "Of the year after the exit, and of the fifth year after. Work counts, and work only: the "
                "education register is not linked yet. October does not count."
            ),
            given={
                "programme": _LEFT_IN_2014,
                "employment_monthly/2015-10": """
                    person_key | month      | hours_per_week | pay_month_kr
                    2          | 2015-10-01 | 37.5           | 30000
                """,
                "employment_monthly/2015-11": """
                    person_key | month      | hours_per_week | pay_month_kr
                    1          | 2015-11-01 | 37.5           | 30000
                """,
                "employment_monthly/2019-11": """
                    person_key | month      | hours_per_week | pay_month_kr
                    2          | 2019-11-01 | 37.5           | 30000
                    3          | 2019-11-01 | 37.5           | 30000
                """,
                "population_status/2019": "",
            },
            expected={
                "outcome_summary": """
                    exit_year | outcome | numerator | denominator
                    2014      | y0      | 0         | 3
                    2014      | y1      | 1         | 3
                    2014      | y5      | 2         | 3
                """
            },
        ),
        Example(
            title="A window is due on the last day of November",
            text="The night of 30 November asks for it.",
            as_of=date(2015, 11, 30),
            given={
                "programme": _LEFT_IN_2014,
                "employment_monthly/2015-11": "",
                "population_status/2015": "",
            },
            expected={
                "outcome_summary": """
                    exit_year | outcome | denominator | not_due | not_loaded
                    2014      | y0      | 3           | 0       | 0
                    2014      | y1      | 3           | 0       | 0
                    2014      | y5      | 0           | 3       | 0
                """
            },
        ),
        Example(
            title="The night before, it is not due",
            text="29 November is too early, whatever is loaded.",
            as_of=date(2015, 11, 29),
            given={
                "programme": _LEFT_IN_2014,
                "employment_monthly/2015-11": "",
                "population_status/2015": "",
            },
            expected={
                "outcome_summary": """
                    exit_year | outcome | denominator | not_due | not_loaded
                    2014      | y0      | 3           | 0       | 0
                    2014      | y1      | 0           | 3       | 0
                    2014      | y5      | 0           | 3       | 0
                """
            },
        ),
        Example(
            title="A register that is not loaded says nothing",
            text=(
                "Not about November 2015, which is in no part of the employment register; and not about "
                "November 2019, because no population file says who was resident then."
            ),
            given={
                "programme": _LEFT_IN_2014,
                "employment_monthly/2015-12": "",
                "employment_monthly/2019-11": "",
                "population_status/2018": "",
            },
            expected={
                "outcome_summary": """
                    exit_year | outcome | denominator | not_due | not_loaded
                    2014      | y0      | 3           | 0       | 0
                    2014      | y1      | 0           | 0       | 3
                    2014      | y5      | 0           | 0       | 3
                """
            },
        ),
        Example(
            title="The dead and the emigrated are shown, not dropped",
            text=(
                "They are apart from the denominator from the day it happened. Who died on 1 December was "
                "resident in November. An undated status holds for its whole year."
            ),
            given={
                "programme": _LEFT_IN_2014,
                "employment_monthly/2015-11": "",
                "population_status/2015": """
                    person_key | year | residence | status_on
                    1          | 2015 | dod       | 2015-11-30
                    2          | 2015 | dod       | 2015-12-01
                    3          | 2015 | utvandret |
                """,
            },
            expected={
                "outcome_summary": """
                    exit_year | outcome | numerator | denominator | dead | emigrated
                    2014      | y0      | 0         | 3           | 0    | 0
                    2014      | y1      | 0         | 1           | 1    | 1
                    2014      | y5      | 0         | 0           | 0    | 0
                """
            },
        ),
        Example(
            title="Who has come back is resident again",
            text="Of several statuses the one that began last by then holds.",
            given={
                "programme": "person_key | programme_key | ended_on\n1 | 11 | 2014-06-30",
                "employment_monthly/2015-11": "",
                "population_status/2014": """
                    person_key | year | residence | status_on
                    1          | 2014 | utvandret | 2014-08-01
                """,
                "population_status/2015": """
                    person_key | year | residence | status_on
                    1          | 2015 | bosatt    | 2015-03-01
                """,
            },
            expected={
                "outcome": """
                    person_key | outcome | status         | censoring
                    1          | y0      | not_registered | observed
                    1          | y1      | not_in_work    | observed
                    1          | y5      |                | not_loaded
                """
            },
        ),
        Example(
            title="Two statuses that began on one day",
            text=(
                "The later year's file holds. Within one file death goes before emigration, and that before "
                "residence."
            ),
            given={
                "programme": _LEFT_IN_2014,
                "employment_monthly/2015-11": "",
                "population_status/2014": """
                    person_key | year | residence | status_on
                    1          | 2014 | dod       | 2014-08-01
                    2          | 2014 | bosatt    | 2014-08-01
                    2          | 2014 | dod       | 2014-08-01
                    2          | 2014 | utvandret | 2014-08-01
                    3          | 2014 | bosatt    | 2014-08-01
                    3          | 2014 | utvandret | 2014-08-01
                """,
                "population_status/2015": """
                    person_key | year | residence | status_on
                    1          | 2015 | bosatt    | 2014-08-01
                """,
            },
            expected={
                "outcome": """
                    person_key | outcome | censoring
                    1          | y0      | observed
                    1          | y1      | observed
                    1          | y5      | not_loaded
                    2          | y0      | observed
                    2          | y1      | dead
                    2          | y5      | not_loaded
                    3          | y0      | observed
                    3          | y1      | emigrated
                    3          | y5      | not_loaded
                """
            },
        ),
        Example(
            title="Who has no usable identifier cannot be found in a register",
            text="Not to be found is not the same as not in work. Such a person is counted for herself.",
            linkable=(1, 2),
            given={
                "programme": _LEFT_IN_2014,
                "employment_monthly/2015-11": """
                    person_key | month      | hours_per_week | pay_month_kr
                    1          | 2015-11-01 | 37.5           | 30000
                """,
                "population_status/2015": "",
            },
            expected={
                "outcome_summary": """
                    exit_year | outcome | numerator | denominator | not_linkable | not_loaded
                    2014      | y0      | 0         | 3           | 0            | 0
                    2014      | y1      | 1         | 2           | 1            | 0
                    2014      | y5      | 0         | 0           | 0            | 3
                """
            },
        ),
    ),
)
