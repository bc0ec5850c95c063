"""What the registers say of a month."""

from tests.spec.example import Chapter, Example

_TWO = "person_key | programme_key | started_on\n1 | 11 | 2012-01-10\n2 | 21 | 2012-01-10"
_ONE = "person_key | programme_key | started_on\n1 | 11 | 2012-01-10"

CHAPTER = Chapter(
    "What the registers say of a month",
    (
        "One row for each participant and month in which any register says something: in work, in education, "
        "in compulsory school, registered unemployed or on a measure, on social assistance, on another "
        "benefit. Any day in a month counts."
    ),
    (
        Example(
            title="Every register says its own",
            text="One month may have several. Person 7 has no programme.",
            given={
                "programme": _ONE,
                "employment_monthly/2016-03": """
                    person_key | month      | hours_per_week | pay_month_kr
                    1          | 2016-03-01 | 20             | 15000
                    7          | 2016-03-01 | 20             | 15000
                """,
                "education/2016": """
                    person_key | year | nus2000 | started_on | ended_on   | education_status
                    1          | 2016 | 401102  | 2016-03-31 | 2016-04-01 | avbrutt
                    7          | 2016 | 401102  | 2016-03-31 | 2016-04-01 | avbrutt
                """,
                "benefit/2016": """
                    person_key | benefit | event | event_on
                    1          | LED     | START | 2016-04-30
                    1          | LED     | STOPP | 2016-05-01
                    7          | LED     | START | 2016-04-30
                """,
                "social_assistance/2016": """
                    person_key | year | month_04 | month_05
                    1          | 2016 | yes      | no
                    7          | 2016 | yes      | yes
                """,
            },
            expected={
                "month_status": """
                    month      | in_work | in_education | unemployed_or_measure | social_assistance
                    2016-03-01 | yes     | yes          | no                    | no
                    2016-04-01 | no      | yes          | yes                   | yes
                    2016-05-01 | no      | no           | yes                   | no
                """
            },
        ),
        Example(
            title="The first digit of NUS2000 tells compulsory school from education",
            text=(
                "0 to 2 is compulsory school or less, 3 to 8 is education. 9 is a level nobody stated: it is "
                "not known to be either."
            ),
            given={
                "programme": """
                    person_key | programme_key | started_on
                    1          | 11            | 2012-01-10
                    2          | 21            | 2012-01-10
                    3          | 31            | 2012-01-10
                    4          | 41            | 2012-01-10
                """,
                "education/2013": """
                    person_key | year | nus2000 | started_on | ended_on   | education_status
                    1          | 2013 | 201199  | 2013-01-07 | 2013-01-08 | fullfort
                    2          | 2013 | 355211  | 2013-01-07 | 2013-01-08 | fullfort
                    3          | 2013 | 999999  | 2013-01-07 | 2013-01-08 | fullfort
                    4          | 2013 | 800000  | 2013-01-07 | 2013-01-08 | fullfort
                """,
            },
            expected={
                "month_status": """
                    person_key | month      | in_education | in_compulsory_school
                    1          | 2013-01-01 | no           | yes
                    2          | 2013-01-01 | yes          | no
                    4          | 2013-01-01 | yes          | no
                """
            },
        ),
        Example(
            title="An enrolment speaks for the year of its row",
            text=(
                "Without an end it counts to the end of that year where it is under way. What was "
                "completed or broken off on an unknown day counts nothing."
            ),
            given={
                "programme": _TWO,
                "education/2013": """
                    person_key | year | nus2000 | started_on | ended_on | education_status
                    1          | 2013 | 401102  | 2013-11-30 |          | igang
                    2          | 2013 | 401102  | 2013-11-30 |          | fullfort
                """,
                "education/2014": """
                    person_key | year | nus2000 | started_on | ended_on   | education_status
                    1          | 2014 | 401102  | 2013-11-30 | 2014-01-01 | fullfort
                    2          | 2014 | 401102  | 2013-11-30 |            | avbrutt
                """,
            },
            expected={
                "month_status": """
                    person_key | month      | in_education
                    1          | 2013-11-01 | yes
                    1          | 2013-12-01 | yes
                    1          | 2014-01-01 | yes
                """
            },
        ),
        Example(
            title="A benefit runs from its start to its first stop after",
            text="Each benefit for itself: the stop of one is not the stop of another.",
            given={
                "programme": _ONE,
                "benefit/2013": """
                    person_key | benefit | event | event_on
                    1          | AAP     | START | 2013-01-31
                    1          | OVE     | STOPP | 2013-02-01
                    1          | AAP     | STOPP | 2013-03-01
                    1          | AAP     | STOPP | 2013-05-01
                """,
            },
            expected={
                "month_status": """
                    person_key | month      | on_benefit | unemployed_or_measure
                    1          | 2013-01-01 | yes        | no
                    1          | 2013-02-01 | yes        | no
                    1          | 2013-03-01 | yes        | no
                """
            },
        ),
        Example(
            title="A benefit without a stop is known to run to the end of what is delivered",
            text="And no longer: nothing is known after. A stop without a start says nothing.",
            given={
                "programme": _ONE,
                "benefit/2012": """
                    person_key | benefit | event | event_on
                    1          | DAG     | STOPP | 2012-05-01
                    1          | DAG     | START | 2012-12-31
                """,
                "benefit/2013": "",
            },
            expected={
                "month_status": "person_key | month | unemployed_or_measure\n1 | 2012-12-01 | yes\n"
                + "\n".join(f"1 | 2013-{month:02}-01 | yes" for month in range(1, 13))
            },
        ),
        Example(
            title="A stop on the day of a start",
            text=(
                "It ends what ran before, and the benefit starts anew: person 1 is on benefit until April. "
                "Where nothing ran before, it ends that start: person 2 is on benefit for one day."
            ),
            given={
                "programme": _TWO,
                "benefit/2013": """
                    person_key | benefit | event | event_on
                    1          | SYK     | START | 2013-01-10
                    1          | SYK     | STOPP | 2013-02-10
                    1          | SYK     | START | 2013-02-10
                    1          | SYK     | STOPP | 2013-04-10
                    2          | SYK     | START | 2013-02-10
                    2          | SYK     | STOPP | 2013-02-10
                    2          | SYK     | STOPP | 2013-04-10
                """,
            },
            expected={
                "month_status": """
                    person_key | month      | on_benefit
                    1          | 2013-01-01 | yes
                    1          | 2013-02-01 | yes
                    1          | 2013-03-01 | yes
                    1          | 2013-04-01 | yes
                    2          | 2013-02-01 | yes
                """
            },
        ),
    ),
)
