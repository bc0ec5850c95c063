"""What a month in work is, on both sides of the 2015 break."""

from tests.spec.example import Chapter, Example

_ONE = "person_key | programme_key | started_on\n1 | 11 | 2012-01-10"

CHAPTER = Chapter(
    "A month in work",
    (
        "Hours AND pay, in any job. To 2014 the register gives one row a job and year, from 2015 one a job "
        "and month."
    ),
    (
        Example(
            title="Hours without pay are no work, and pay without hours neither",
            text="Hours may stand in the register without pay.",
            given={
                "programme": _ONE,
                "employment_monthly/2015-01": """
                    person_key | month      | hours_per_week | pay_month_kr
                    1          | 2015-01-01 | 37.5           | 0
                    1          | 2015-02-01 | 0              | 20000
                    1          | 2015-03-01 | 0.5            | 1
                """,
                "employment_annual/2013": """
                    person_key | year | started_on | ended_on   | hours_per_week | pay_kr
                    1          | 2013 | 2013-01-01 | 2013-12-31 | 37.5           | 0
                """,
                "employment_annual/2014": """
                    person_key | year | started_on | ended_on   | hours_per_week | pay_kr
                    1          | 2014 | 2014-01-01 | 2014-12-31 | 0              | 1000
                """,
            },
            expected={"work_month": "person_key | month\n1 | 2015-03-01"},
        ),
        Example(
            title="An annual row gives the months its job overlaps in its year",
            text="From the month it started, or January; to the month it ended, or December.",
            given={
                "programme": _ONE,
                "employment_annual/2012": """
                    person_key | year | started_on | ended_on   | hours_per_week | pay_kr
                    1          | 2012 | 2011-05-20 | 2012-02-01 | 20             | 90000
                    1          | 2012 | 2012-11-30 |            | 20             | 90000
                """,
            },
            expected={
                "work_month": """
                    person_key | month
                    1          | 2012-01-01
                    1          | 2012-02-01
                    1          | 2012-11-01
                    1          | 2012-12-01
                """
            },
        ),
        Example(
            title="Two jobs in a month are one month in work",
            text="And only participants are kept: person 7 has no programme.",
            given={
                "programme": _ONE,
                "employment_monthly/2015-01": """
                    person_key | month      | hours_per_week | pay_month_kr
                    1          | 2015-01-01 | 10             | 9000
                    1          | 2015-01-01 | 20             | 18000
                    7          | 2015-01-01 | 37.5           | 40000
                """,
            },
            expected={"work_month": "person_key | month\n1 | 2015-01-01"},
        ),
        Example(
            title="Every month says which side of the break it is read from",
            text="Levels on the two sides are not comparable: the registers measure different things.",
            given={
                "programme": _ONE,
                "employment_annual/2014": """
                    person_key | year | started_on | ended_on | hours_per_week | pay_kr
                    1          | 2014 | 2014-12-01 |          | 37.5           | 1000
                """,
                "employment_monthly/2015-01": """
                    person_key | month      | hours_per_week | pay_month_kr
                    1          | 2015-01-01 | 37.5           | 1000
                """,
            },
            expected={
                "work_month": """
                    person_key | month      | series
                    1          | 2014-12-01 | annual
                    1          | 2015-01-01 | monthly
                """
            },
        ),
    ),
)
