"""The numbers the invented municipality is made of. All are assumptions, none is an observation of Socio.

Targets marked S0 are the case system's own published totals; tables marked F are calibrated to published
national figures; everything else is invented, the fill-rate model included.
"""

from datetime import date

from schemas import codes
from schemas.codes import CodeList

OSLO = "0301"
WORLD_BEGINS = date(2006, 8, 1)  # the case system's data begin in autumn 2006 (S0)
TAKEOVER_DAYS = 150  # what was under way was registered during the autumn
CUT = date(2012, 1, 27)  # the day the seed's figures are from (S0)

# S0: the seed's totals at CUT, for the full-size world of 13,000 persons.
FULL_SIZE = 13_000
PARTICIPANTS = 2_318
ACTIVE_IN_LAST_YEAR = 963
LAST_YEAR = 2011
PAID_LAST_YEAR_KR = 399_900_000
PAID_ALL_YEARS_KR = 1_977_700_000
SMALLEST_WORLD = 200


def weights(code_list: CodeList, given: dict[str, float]) -> dict[str, float]:
    """The same weights, once every code is found in its list: an unknown code stops the import."""
    unknown = set(given) - set(code_list.values())
    if unknown:
        raise TypeError(f"{code_list.name} has no code {sorted(unknown)}")
    return given


# Share of the persons known at CUT by the years they were settled: most before the grants of the window.
SETTLED_BEFORE_CUT = {
    (1994, 2001): 0.385,
    (2002, 2005): 0.262,
    (2006, 2011): 0.348,
    (2012, 2012): 0.005,
}
# Persons settled a year after CUT, per 13,000 (national pattern: Syria 2015-17, Ukraine 2022-24).
INFLOW = {
    2012: 1000, 2013: 1050, 2014: 1150, 2015: 1500, 2016: 2200, 2017: 1900, 2018: 1250,
    2019: 1050, 2020: 1000, 2021: 1000, 2022: 2500, 2023: 2450, 2024: 1750,
}  # fmt: skip

AGES = ((0, 17, 0.36), (18, 25, 0.17), (26, 35, 0.28), (36, 45, 0.13), (46, 55, 0.045), (56, 80, 0.015))
PROGRAMME_AGES = (18, 55)
WORKING_AGES = (18, 66)
# F: share of men by year of settlement, straight lines between.
MEN = ((2000, 0.52), (2009, 0.50), (2014, 0.58), (2016, 0.62), (2019, 0.52), (2021, 0.48), (2022, 0.40))
FIRST_OF_JANUARY = 0.15  # facts §5.4: 12-20 %

COUNTRIES: dict[int, dict[str, float]] = {  # by first year of settlement
    1990: {"452": 24, "346": 22, "155": 9, "161": 9, "456": 10, "404": 8, "424": 6, "246": 5, "575": 4,
           "990": 3},
    2002: {"346": 28, "452": 24, "404": 16, "241": 7, "246": 5, "140": 6, "420": 5, "456": 5, "279": 4},
    2008: {"241": 26, "346": 24, "404": 18, "452": 12, "456": 4, "246": 5, "420": 4, "279": 3, "524": 2,
           "980": 2},
    2013: {"241": 40, "346": 20, "404": 12, "564": 14, "456": 4, "246": 4, "279": 3, "980": 3},
    2015: {"564": 50, "241": 28, "346": 6, "404": 6, "456": 3, "246": 3, "279": 2, "980": 2},
    2019: {"564": 42, "279": 16, "241": 18, "404": 8, "386": 3, "143": 6, "356": 4, "980": 3},
    2022: {"148": 74, "564": 12, "404": 5, "279": 4, "241": 3, "143": 2},
}  # fmt: skip
LANGUAGES = {
    "452": "ara", "346": "som", "155": "bos", "161": "sqi", "456": "fas", "404": "prs", "424": "tam",
    "246": "amh", "575": "vie", "990": "und", "241": "tir", "140": "rus", "420": "mya", "279": "swa",
    "524": "ara", "980": "ara", "564": "ara", "386": "swa", "143": "kmr", "356": "ara", "148": "ukr",
}  # fmt: skip
for _mix in COUNTRIES.values():
    weights(codes.COUNTRY, _mix)

PERMITS: dict[int, dict[str, float]] = {
    1990: weights(codes.PERMIT_GROUND, {"1988": 78, "6K": 22}),
    2010: weights(codes.PERMIT_GROUND, {"28": 48, "35": 14, "38": 8, "38B": 2, "6K": 26, "53": 2}),
    2022: weights(codes.PERMIT_GROUND, {"34": 74, "28": 12, "35": 9, "6K": 5}),
}
FAMILY_PERMIT = "6K"
COLLECTIVE_PERMIT = "34"
EDUCATION: dict[int, dict[str, float]] = {
    1990: weights(codes.EDUCATION_LEVEL, {"0": 14, "1": 24, "2": 26, "3": 12, "4": 12, "6": 8, "7": 4}),
    2022: weights(codes.EDUCATION_LEVEL, {"0": 4, "1": 6, "2": 14, "3": 12, "4": 24, "6": 26, "7": 14}),
}
HIGHER_FROM = 6
BYDELER = weights(
    codes.BYDEL,
    {
        "01": 13, "02": 10, "03": 7, "04": 4, "05": 4, "06": 2, "07": 3, "08": 6, "09": 7, "10": 8,
        "11": 8, "12": 10, "13": 6, "14": 4, "15": 8,
    },
)  # fmt: skip
# Local practice (facts §5.2): how «ukjent» is written down.
WRITES_CODE_9 = ("05", "11")  # also where nobody asked
LEAVES_BLANK = ("04", "07", "13")
WRITES_ZERO = ("09",)
OWN_ACTIVITY_CODES = {"03": "praksis", "08": "Språkpr.", "12": "9"}
OWN_ACTIVITY_SHARE = 0.35
# When the codes of activities changed, some advisers wrote KOSTRA's ten categories instead (facts §5.4).
YEARS_CODES_CHANGED = (2009, 2011, 2014, 2021)
ACTIVITY_CODES_OF_KOSTRA = tuple(f"{number:02}" for number in range(1, 11))

# Programme length in years under the 2003 act: (share, from, to); mean about two (facts §5.5).
LENGTHS_2003 = ((0.18, 0.25, 1.5), (0.47, 1.9, 2.1), (0.28, 2.1, 2.9), (0.07, 2.9, 3.0))
LENGTHS_2021 = ((0.10, 0.2, 0.5), (0.45, 0.5, 1.2), (0.30, 1.2, 2.0), (0.15, 2.0, 3.0))
LENGTHS_COLLECTIVE = ((0.15, 0.2, 0.5), (0.65, 0.5, 0.95), (0.20, 0.95, 1.0))
LONG_LEAVE = 0.016  # longer than three years, because of leave: 1 % of all rows in the end
FIRST_YEAR_2021_ACT = 2021
TAKES_PART = 0.58  # of those in the ages after CUT
REENTERS = 0.03

# F (§3.2): share in work for men at November of the year after, by exit year; women this much lower.
WORK_AFTER_ONE_YEAR = ((2006, 0.52), (2009, 0.48), (2010, 0.45), (2013, 0.50), (2016, 0.53), (2021, 0.58),
                       (2023, 0.53))  # fmt: skip
SEX_GAP = ((2006, 0.20), (2016, 0.21), (2018, 0.19), (2021, 0.15), (2024, 0.14))
DIRECT_WORK = {"men": 0.57, "women": 0.60}  # share of the one-year figure that is in work at once
GROWTH_TO_FIVE_YEARS = {"men": 0.11, "women": 0.15}
WORK_BESIDE_PROGRAMME = 0.04
DIRECT_EDUCATION = ((25, 0.50), (35, 0.31), (45, 0.20), (120, 0.08))  # of those not in work, by age
NOVEMBER_AFTER = (10, 22, 54)  # months since exit where the first-year level starts, ends, and fifth begins

WORK_EXITS = weights(codes.NIR_EXIT, {"01": 45, "02": 47, "03": 8})
EDUCATION_EXITS = weights(codes.NIR_EXIT, {"11": 55, "12": 15, "13": 30})
OTHER_EXITS = weights(
    codes.NIR_EXIT,
    {"10": 15, "20": 13, "21": 21, "30": 6, "31": 17, "40": 7, "41": 2, "50": 5, "51": 6, "60": 3, "61": 3,
     "90": 2},
)  # fmt: skip
LEFT_COUNTRY = "62"
NOT_REGISTERED = "98"
MOVED_AWAY, STAYED_AWAY = "60", "61"
assert {LEFT_COUNTRY, NOT_REGISTERED, MOVED_AWAY, STAYED_AWAY} <= set(codes.NIR_EXIT.values())
EXIT_MISSING_AT_CUT_OFF = 0.15
EXIT_MISSING_FOR_GOOD = 0.06

EMIGRATES_A_YEAR = 0.0035
DIES_A_YEAR = ((50, 0.0008), (65, 0.004), (120, 0.02))

# F (§3.3) where published, else straight lines: kr over five years for an adult; share of it by year.
FIVE_YEAR_RATE = ((2006, 440_000), (2008, 496_000), (2009, 551_500), (2011, 585_000), (2014, 669_600),
                  (2016, 738_000), (2018, 735_000), (2023, 900_000), (2024, 930_000))  # fmt: skip
SHARE_BY_YEAR = (0.254, 0.312, 0.227, 0.113, 0.094)
FIRST_YEAR_SHARE = 0.5  # 2006 counts as a half-year
REFUSED = 0.03
NO_LONGER_CLAIMED_A_YEAR = 0.04  # moved out of the municipality, or nobody claimed

ACTIVITIES = weights(codes.ACTIVITY, {"SPR": 45, "ARB": 25, "SAM": 10, "UTD": 12, "GOD": 2, "HEL": 6})
CARE_LEAVE, NO_REASON = "FOD", "UGY"
ABSENCES = weights(
    codes.ABSENCE_CAUSE, {"SYK": 40, "BSY": 20, CARE_LEAVE: 8, "PER": 5, NO_REASON: 20, "ANN": 7}
)
GOALS = weights(codes.PROGRAMME_GOAL, {"A": 6, "V": 2, "H": 1, "G": 1})
LAST_YEAR_OF_OLD_TESTS = 2013
TESTS_TO_2013 = weights(codes.PARTIAL_RESULT, {"NP2": 5, "NP3": 4})
TEST_FROM_2014 = "NP14"
COURSES = weights(codes.PARTIAL_RESULT, {TEST_FROM_2014: 75, "KUR": 20, "UTD": 5})
GRADES_TO_2013 = weights(codes.TEST_RESULT, {"B": 6, "I": 4})
LEVELS_FROM_2014 = weights(codes.TEST_RESULT, {"UA1": 5, "A1": 20, "A2": 45, "B1": 25, "B2": 5})
COURSE_COMPLETED = next(iter(weights(codes.TEST_RESULT, {"G": 1})))
MARRIED = "2"
CIVIL_STATUSES = weights(codes.CIVIL_STATUS, {"1": 40, MARRIED: 42, "3": 6, "4": 8, "5": 4})
HOUSING = weights(codes.HOUSING_TYPE, {"1": 40, "2": 45, "3": 4, "4": 3, "5": 7, "6": 1})
SOURCES = weights(codes.INFORMATION_SOURCE, {"selvregistrert": 2, "samtale": 6, "dokument": 2})
LATIN = weights(codes.SKILL, {"1": 45, "2": 30, "3": 25})

# Fill-rate model (facts §5.2: invented): share filled in 2006-07, 2008-09, 2010-11 and later, and the
# share for persons who only draw a grant (None: the same share).
FILL: dict[str, tuple[tuple[float, float, float, float], float | None]] = {
    "demanded": ((0.97, 0.98, 0.99, 0.99), None),
    "settlement_form": ((0.85, 0.88, 0.92, 0.93), 0.80),
    "programme": ((0.92, 0.95, 0.97, 0.98), None),
    "result": ((0.75, 0.83, 0.90, 0.92), None),
    "activity": ((0.45, 0.65, 0.80, 0.85), None),
    "absence": ((0.40, 0.55, 0.65, 0.68), None),
    "partial_result": ((0.25, 0.40, 0.50, 0.58), 0.05),
    "schooling": ((0.35, 0.42, 0.50, 0.60), 0.08),
    "literacy": ((0.20, 0.28, 0.35, 0.40), 0.04),
    "work_experience": ((0.15, 0.20, 0.28, 0.34), 0.03),
    "family": ((0.40, 0.45, 0.50, 0.52), 0.30),
    "health": ((0.06, 0.08, 0.10, 0.10), 0.03),
    "economy": ((0.05, 0.06, 0.08, 0.08), 0.02),
    "housing": ((0.20, 0.25, 0.30, 0.32), 0.15),
    "language": ((0.35, 0.40, 0.45, 0.50), 0.20),
    "organiser": ((0.25, 0.30, 0.35, 0.40), None),
    "goal": ((0.08, 0.10, 0.15, 0.40), None),
}
FILL_YEARS = (2006.5, 2008.5, 2010.5, 2017.0)
BYDEL_SPREAD = 0.7
ADVISER_SPREAD = 0.4
ANSWERED_UNKNOWN = 0.06

PROTECTED = 0.005
RESERVED = 0.01
OUTSIDERS = 0.15  # rows of persons the case system does not know, in every delivery
HOURS_WITHOUT_PAY = 0.03
SECOND_JOB = 0.06
EMPLOYERS = 3_000
PERSONS_PER_ADVISER = 220
