"""Outcomes at their windows: which status somebody has, and whether it counts."""

from datetime import date

from tests.spec.example import Chapter, Example

_LEFT_IN_2014 = """
    person_key | programme_key | started_on | ended_on   | programme_status
    1          | 11            | 2012-06-01 | 2014-06-30 | 3
    2          | 21            | 2012-06-01 | 2014-06-30 | 3
    3          | 31            | 2012-06-01 | 2014-06-30 | 3
"""
_SEVEN = """
    person_key | programme_key | started_on | ended_on
    1          | 11            | 2012-06-01 | 2014-06-30
    2          | 21            | 2012-06-01 | 2014-06-30
    3          | 31            | 2012-06-01 | 2014-06-30
    4          | 41            | 2012-06-01 | 2014-06-30
    5          | 51            | 2012-06-01 | 2014-06-30
    6          | 61            | 2012-06-01 | 2014-06-30
    7          | 71            | 2012-06-01 | 2014-06-30
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
                "outcome/y0": """
                    person_key | outcome | due_on     | status         | censoring | series | in_numerator
                    1          | y0      | 2014-06-30 | work           | observed  |        | yes
                    2          | y0      | 2014-06-30 | education      | observed  |        | yes
                    3          | y0      | 2014-06-30 | other          | observed  |        | no
                    4          | y0      | 2014-06-30 | not_registered | observed  |        | no
                """,
                "outcome_summary/y0 y1": """
                    exit_year | outcome | numerator | denominator | not_due
                    2014      | y0      | 2         | 4           | 0
                    2014      | y1      | 0         | 0           | 4
                """,
            },
        ),
        Example(
            title="y1 and y5: the status in November, the one that goes first",
            text=(
                "Work and education, then work, then education without compulsory school, then registered "
                "unemployed or on a measure, then other, and unknown for whom no register knows. The first "
                "three count. Everybody here has also what comes later."
            ),
            given={
                "programme": _SEVEN,
                "employment_monthly/2015-11": """
                    person_key | month      | hours_per_week | pay_month_kr
                    1          | 2015-11-01 | 37.5           | 30000
                    2          | 2015-11-01 | 37.5           | 30000
                """,
                "education/2015": """
                    person_key | year | nus2000 | started_on | ended_on   | education_status
                    1          | 2015 | 401102  | 2015-08-20 |            | igang
                    3          | 2015 | 401102  | 2015-11-30 |            | igang
                    5          | 2015 | 201199  | 2015-08-20 |            | igang
                    7          | 2015 | 401102  | 2015-08-20 | 2015-10-31 | avbrutt
                """,
                "benefit/2015": """
                    person_key | benefit | event | event_on
                    1          | TIL     | START | 2015-11-30
                    2          | TIL     | START | 2015-11-30
                    3          | TIL     | START | 2015-11-30
                    4          | TIL     | START | 2015-11-30
                    5          | SYK     | START | 2015-11-30
                    6          | SYK     | START | 2015-11-30
                    7          | TIL     | START | 2015-12-01
                """,
                "social_assistance/2015": """
                    person_key | year | month_10 | month_11 | month_12
                    1          | 2015 | no       | yes      | no
                    2          | 2015 | no       | yes      | no
                    3          | 2015 | no       | yes      | no
                    4          | 2015 | no       | yes      | no
                    7          | 2015 | yes      | no       | yes
                """,
            },
            delivered=(2015,),
            expected={
                "outcome/y1": """
                    person_key | outcome | due_on     | status             | series  | in_numerator
                    1          | y1      | 2015-11-30 | work_education     | monthly | yes
                    2          | y1      | 2015-11-30 | work               | monthly | yes
                    3          | y1      | 2015-11-30 | education          | monthly | yes
                    4          | y1      | 2015-11-30 | unemployed_measure | monthly | no
                    5          | y1      | 2015-11-30 | other              | monthly | no
                    6          | y1      | 2015-11-30 | other              | monthly | no
                    7          | y1      | 2015-11-30 | unknown            | monthly | no
                """,
                "outcome_summary/y1 y5": """
                    exit_year | outcome | numerator | denominator | not_loaded
                    2014      | y1      | 3         | 7           | 0
                    2014      | y5      | 0         | 0           | 7
                """,
            },
        ),
        Example(
            title="y5 among residents, and among all",
            text=(
                "The dead and the emigrated are out of the one denominator and in the other, with a status "
                "of their own that never counts - even where the register still has them at work."
            ),
            given={
                "programme": _LEFT_IN_2014,
                "employment_monthly/2019-11": """
                    person_key | month      | hours_per_week | pay_month_kr
                    1          | 2019-11-01 | 37.5           | 30000
                    2          | 2019-11-01 | 37.5           | 30000
                    3          | 2019-11-01 | 37.5           | 30000
                """,
                "population_status/2019": """
                    person_key | year | residence | status_on
                    2          | 2019 | dod       | 2019-11-30
                    3          | 2019 | utvandret | 2018-02-01
                """,
            },
            delivered=(2019,),
            expected={
                "outcome/y5 y5_all": """
                    person_key | outcome | status    | censoring | in_numerator | in_denominator
                    1          | y5      | work      | observed  | yes          | yes
                    1          | y5_all  | work      | observed  | yes          | yes
                    2          | y5      |           | dead      | no           | no
                    2          | y5_all  | dead      | observed  | no           | yes
                    3          | y5      |           | emigrated | no           | no
                    3          | y5_all  | emigrated | observed  | no           | yes
                """,
                "outcome_summary/y5 y5_all": """
                    exit_year | outcome | numerator | denominator | dead | emigrated
                    2014      | y5      | 1         | 1           | 1    | 1
                    2014      | y5_all  | 1         | 3           | 0    | 0
                """,
            },
        ),
        Example(
            title="Bærum's months: 0, 12 and 60 after the month of the exit",
            text=(
                "Counted in calendar months from the month the programme was left, and due on the month's "
                "last day. Who left on 31 January 2015 is asked about January 2015, 2016 and 2020."
            ),
            given={
                "programme": "person_key | programme_key | ended_on\n1 | 11 | 2015-01-31",
                "employment_monthly/2016-01": """
                    person_key | month      | hours_per_week | pay_month_kr
                    1          | 2016-01-01 | 37.5           | 30000
                """,
                "employment_monthly/2020-02": """
                    person_key | month      | hours_per_week | pay_month_kr
                    1          | 2020-02-01 | 37.5           | 30000
                """,
            },
            delivered=(2015, 2016, 2020),
            expected={
                "outcome/baerum_0 baerum_12 baerum_60": """
                    person_key | outcome   | due_on     | status  | in_numerator
                    1          | baerum_0  | 2015-01-31 | unknown | no
                    1          | baerum_12 | 2016-01-31 | work    | yes
                    1          | baerum_60 | 2020-01-31 | unknown | no
                """
            },
        ),
        Example(
            title="Education that is self-financed or not",
            text=(
                "Where only self-financed education counts, a month with social assistance takes education "
                "away; work it does not take away. A benefit from the state does not either."
            ),
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on
                    1          | 11            | 2013-06-01 | 2015-01-31
                    2          | 21            | 2013-06-01 | 2015-01-31
                    3          | 31            | 2013-06-01 | 2015-01-31
                """,
                "employment_monthly/2016-01": """
                    person_key | month      | hours_per_week | pay_month_kr
                    3          | 2016-01-01 | 37.5           | 30000
                """,
                "education/2016": """
                    person_key | year | nus2000 | started_on | ended_on | education_status
                    1          | 2016 | 401102  | 2015-08-20 |          | igang
                    2          | 2016 | 401102  | 2015-08-20 |          | igang
                    3          | 2016 | 401102  | 2015-08-20 |          | igang
                """,
                "benefit/2016": "person_key | benefit | event | event_on\n2 | OVE | START | 2016-01-01",
                "social_assistance/2016": """
                    person_key | year | month_01
                    1          | 2016 | yes
                    2          | 2016 | no
                    3          | 2016 | yes
                """,
            },
            delivered=(2016,),
            expected={
                "outcome/baerum_12 baerum_12_own": """
                    person_key | outcome       | status         | in_numerator
                    1          | baerum_12     | education      | yes
                    1          | baerum_12_own | other          | no
                    2          | baerum_12     | education      | yes
                    2          | baerum_12_own | education      | yes
                    3          | baerum_12     | work_education | yes
                    3          | baerum_12_own | work           | yes
                """
            },
        ),
        Example(
            title="Every window counts from the end of care leave",
            text="Not from the end of the programme: y1 of an exit in 2014 is November 2015.",
            given={
                "programme": "person_key | programme_key | ended_on\n1 | 11 | 2013-12-20",
                "nir_leave/2014": """
                    person_key | municipality | leave_cause | started_on | ended_on   | delivery_year
                    1          | 0301         | OMS         | 2013-11-01 | 2014-08-31 | 2014
                """,
            },
            expected={
                "outcome/baerum_0 baerum_12 y0 y1": """
                    person_key | exit_year | outcome   | due_on
                    1          | 2014      | baerum_0  | 2014-08-31
                    1          | 2014      | baerum_12 | 2015-08-31
                    1          | 2014      | y0        | 2014-08-31
                    1          | 2014      | y1        | 2015-11-30
                """
            },
        ),
        Example(
            title="An outcome says which side of the break it is measured on",
            text="To 2014 by the annual register, from 2015 by month. The reason of exit has no such break.",
            given={
                "programme": """
                    person_key | programme_key | started_on | ended_on
                    1          | 11            | 2011-06-01 | 2013-06-30
                    2          | 21            | 2011-06-01 | 2014-06-30
                """
            },
            expected={
                "outcome/y0 y1": """
                    person_key | outcome | due_on     | series
                    1          | y0      | 2013-06-30 |
                    1          | y1      | 2014-11-30 | annual
                    2          | y0      | 2014-06-30 |
                    2          | y1      | 2015-11-30 | monthly
                """
            },
        ),
    ),
)
