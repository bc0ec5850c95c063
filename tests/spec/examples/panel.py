"""Every month since the exit."""

from datetime import date

from tests.spec.example import Chapter, Example

_LEFT_ON_LEAP_DAY = "person_key | programme_key | started_on | ended_on\n1 | 11 | 2014-06-01 | 2016-02-29"

CHAPTER = Chapter(
    "The panel of months",
    "Every person of the cohort in every month since the exit, from 0 to 60, by the priority of November.",
    (
        Example(
            title="Month 0 is the calendar month of the exit",
            text="Who left on 29 February 2016 is in month 12 in February 2017.",
            given={
                "programme": _LEFT_ON_LEAP_DAY,
                "employment_monthly/2016-02": """
                    person_key | month      | hours_per_week | pay_month_kr
                    1          | 2016-02-01 | 37.5           | 30000
                """,
                "education/2017": """
                    person_key | year | nus2000 | started_on | ended_on   | education_status
                    1          | 2017 | 401102  | 2017-02-28 | 2017-02-28 | avbrutt
                """,
            },
            delivered=(2016, 2017),
            expected={
                "panel/0 1 11 12 13": """
                    person_key | months_since_exit | status    | censoring
                    1          | 0                 | work      | observed
                    1          | 1                 | unknown   | observed
                    1          | 11                | unknown   | observed
                    1          | 12                | education | observed
                    1          | 13                | unknown   | observed
                """
            },
        ),
        Example(
            title="Each month is censored for itself",
            text=(
                "Resident until the death on 15 April; nothing is loaded for 2017; the night is that of 30 "
                "January 2018, so January is not due."
            ),
            as_of=date(2018, 1, 30),
            given={
                "programme": _LEFT_ON_LEAP_DAY,
                "population_status/2016": """
                    person_key | year | residence | status_on
                    1          | 2016 | dod       | 2016-04-15
                """,
            },
            delivered=(2016, 2018),
            expected={
                "panel/0 1 2 10 11 22 23 60": """
                    person_key | months_since_exit | status  | censoring
                    1          | 0                 | unknown | observed
                    1          | 1                 | unknown | observed
                    1          | 2                 |         | dead
                    1          | 10                |         | dead
                    1          | 11                |         | not_loaded
                    1          | 22                |         | not_loaded
                    1          | 23                |         | not_due
                    1          | 60                |         | not_due
                """
            },
        ),
        Example(
            title="Who cannot be linked has a panel too",
            text="Of months that say so.",
            linkable=(),
            given={"programme": _LEFT_ON_LEAP_DAY},
            delivered=(2016,),
            expected={
                "panel/0 1 12": """
                    person_key | months_since_exit | status | censoring
                    1          | 0                 |        | not_linkable
                    1          | 1                 |        | not_linkable
                    1          | 12                |        | not_loaded
                """
            },
        ),
    ),
)
