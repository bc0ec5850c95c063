"""Who is not in the denominator, and why."""

from datetime import date

from tests.spec.example import Chapter, Example

_LEFT_IN_2014 = """
    person_key | programme_key | started_on | ended_on   | programme_status
    1          | 11            | 2012-06-01 | 2014-06-30 | 3
    2          | 21            | 2012-06-01 | 2014-06-30 | 3
    3          | 31            | 2012-06-01 | 2014-06-30 | 3
"""
_ONE_LEFT = "person_key | programme_key | ended_on\n1 | 11 | 2014-06-30"
_MISSING = {
    "employment_monthly": "employment in November",
    "education": "education",
    "benefit": "benefits",
    "social_assistance": "social assistance",
    "population_status": "the population",
}


def _without(missing: str) -> Example:
    """All registers of 2015 but one."""
    parts = {f"{table}/{2015 if table != 'employment_monthly' else '2015-11'}": "" for table in _MISSING}
    kept = {place: drawing for place, drawing in parts.items() if not place.startswith(missing)}
    return Example(
        title=f"Without the register of {_MISSING[missing]} nothing is said",
        text="Every other register of the year is delivered.",
        given={"programme": _LEFT_IN_2014, **kept},
        expected={
            "outcome_summary/y1": """
                exit_year | outcome | denominator | not_loaded
                2014      | y1      | 0           | 3
            """
        },
    )


CHAPTER = Chapter(
    "Who is not in the denominator",
    (
        "The first reason that holds: not due, not loaded, dead, emigrated, not linkable. Not loaded is not "
        "unknown: an outcome is measured only where every register it asks is delivered for that month, and "
        "it is known who was resident then."
    ),
    (
        Example(
            title="A window is due on the last day of November",
            text="The night of 30 November asks for it.",
            as_of=date(2015, 11, 30),
            given={"programme": _LEFT_IN_2014},
            delivered=(2015,),
            expected={
                "outcome_summary/y0 y1 y5": """
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
            given={"programme": _LEFT_IN_2014},
            delivered=(2015,),
            expected={
                "outcome_summary/y0 y1 y5": """
                    exit_year | outcome | denominator | not_due | not_loaded
                    2014      | y0      | 3           | 0       | 0
                    2014      | y1      | 0           | 3       | 0
                    2014      | y5      | 0           | 3       | 0
                """
            },
        ),
        *(_without(table) for table in _MISSING),
        Example(
            title="A later population file tells who was resident before",
            text="It dates earlier changes. An earlier file does not tell of what came after.",
            given={
                "programme": _LEFT_IN_2014,
                "employment_monthly/2015-11": "",
                "employment_monthly/2019-11": "",
                "education/2015": "",
                "education/2019": "",
                "benefit/2015": "",
                "benefit/2019": "",
                "social_assistance/2015": "",
                "social_assistance/2019": "",
                "population_status/2018": "",
            },
            expected={
                "outcome_summary/y1 y5": """
                    exit_year | outcome | denominator | not_due | not_loaded
                    2014      | y1      | 3           | 0       | 0
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
                "population_status/2015": """
                    person_key | year | residence | status_on
                    1          | 2015 | dod       | 2015-11-30
                    2          | 2015 | dod       | 2015-12-01
                    3          | 2015 | utvandret |
                """,
            },
            delivered=(2015,),
            expected={
                "outcome_summary/y0 y1 y5": """
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
                "programme": _ONE_LEFT,
                "population_status/2014": """
                    person_key | year | residence | status_on
                    1          | 2014 | utvandret | 2014-08-01
                """,
                "population_status/2015": """
                    person_key | year | residence | status_on
                    1          | 2015 | bosatt    | 2015-03-01
                """,
            },
            delivered=(2015,),
            expected={
                "outcome/y1": """
                    person_key | outcome | status  | censoring
                    1          | y1      | unknown | observed
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
            delivered=(2015,),
            expected={
                "outcome/y1": """
                    person_key | outcome | censoring
                    1          | y1      | observed
                    2          | y1      | dead
                    3          | y1      | emigrated
                """
            },
        ),
        Example(
            title="Who has no usable identifier cannot be found in a register",
            text="Not to be found is not the same as unknown. Such a person is counted for herself.",
            linkable=(1, 2),
            given={
                "programme": _LEFT_IN_2014,
                "employment_monthly/2015-11": """
                    person_key | month      | hours_per_week | pay_month_kr
                    1          | 2015-11-01 | 37.5           | 30000
                """,
            },
            delivered=(2015,),
            expected={
                "outcome_summary/y0 y1": """
                    exit_year | outcome | numerator | denominator | not_linkable | not_loaded
                    2014      | y0      | 0         | 3           | 0            | 0
                    2014      | y1      | 1         | 2           | 1            | 0
                """
            },
        ),
    ),
)
