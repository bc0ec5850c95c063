-- One row for each participant and year in which any register says something of them: of which months.
--
-- Reads    work_year, core_education, core_benefit, core_social_assistance, programme_spell
--          education_flag (level, flag), benefit_flag (benefit, flag)
-- Takes    $under_way (status of an education), $started and $stopped (benefit events),
--          $delivered_to (the last day benefits are delivered for)
-- Gives    schemas.linked.YearStatus, by person_key and year
--
-- Any day in a month counts. An enrolment speaks for the year of its row; one without an end counts only
-- where it is under way, because what has ended on an unknown day cannot be placed. A benefit runs from
-- its start to its first stop after, and to $delivered_to where no stop has come. A stop on the day of a
-- start ends what ran before, if anything did, and else that start. A stop without a start says nothing.
with participant as (
    select distinct person_key from programme_spell
),
enrolled as (
    select
        person_key,
        year,
        left(nus2000, 1) as level,
        months_in_year(year, started_on, ended_on) as months
    from core_education
    semi join participant using (person_key)
    where ended_on is not null or education_status = $under_way
),
benefit_day as (
    select
        person_key,
        benefit,
        event_on,
        bool_or(event = $started) as starts,
        bool_or(event = $stopped) as stops
    from core_benefit
    semi join participant using (person_key)
    group by person_key, benefit, event_on
),
-- A day with both leaves what ran as it was: the last day with one of them tells what ran before.
benefit_state as (
    select
        *,
        coalesce(last_value(case when starts <> stops then starts end ignore nulls) over before, false)
            as was_running,
        min(case when stops then event_on end) over after as next_stop_on
    from benefit_day
    window
        before as (
            partition by person_key, benefit order by event_on
            rows between unbounded preceding and 1 preceding
        ),
        after as (
            partition by person_key, benefit order by event_on
            rows between 1 following and unbounded following
        )
),
benefit_spell as (
    select
        person_key,
        benefit,
        event_on as started_on,
        case
            when stops and not was_running then event_on
            else coalesce(next_stop_on, $delivered_to::date)
        end as ended_on
    from benefit_state
    where starts
),
benefit_year as (
    select
        person_key,
        year,
        benefit_flag.flag,
        months_in_year(year, started_on, ended_on) as months
    from (select *, unnest(range(year(started_on), year(ended_on) + 1)) as year from benefit_spell)
    join benefit_flag using (benefit)
),
assisted as (
    select
        person_key,
        year,
        bit_of(month_01, 1) | bit_of(month_02, 2) | bit_of(month_03, 3) | bit_of(month_04, 4)
        | bit_of(month_05, 5) | bit_of(month_06, 6) | bit_of(month_07, 7) | bit_of(month_08, 8)
        | bit_of(month_09, 9) | bit_of(month_10, 10) | bit_of(month_11, 11) | bit_of(month_12, 12) as months
    from core_social_assistance
    semi join participant using (person_key)
),
-- What each register says, every flag in its own column: most rows are of one register, and are only added.
said as (
    select
        person_key,
        year,
        months_in_work::ubigint as in_work,
        0::ubigint as in_education,
        0::ubigint as in_compulsory_school,
        0::ubigint as unemployed_or_measure,
        0::ubigint as social_assistance,
        0::ubigint as on_benefit
    from work_year
    union all
    select
        enrolled.person_key,
        enrolled.year,
        0,
        if(education_flag.flag = 'in_education', enrolled.months, 0),
        if(education_flag.flag = 'in_compulsory_school', enrolled.months, 0),
        0,
        0,
        0
    from enrolled
    join education_flag on education_flag.level = enrolled.level
    union all
    select
        person_key,
        year,
        0,
        0,
        0,
        if(flag = 'unemployed_or_measure', months, 0),
        0,
        if(flag = 'on_benefit', months, 0)
    from benefit_year
    union all
    select person_key, year, 0, 0, 0, 0, months, 0 from assisted
),
year_said as (
    select
        person_key,
        year,
        bit_or(in_work) as months_in_work,
        bit_or(in_education) as months_in_education,
        bit_or(in_compulsory_school) as months_in_compulsory_school,
        bit_or(unemployed_or_measure) as months_unemployed_or_measure,
        bit_or(social_assistance) as months_social_assistance,
        bit_or(on_benefit) as months_on_benefit
    from said
    group by person_key, year
)
select *
from year_said
where
    months_in_work > 0
    or months_in_education > 0
    or months_in_compulsory_school > 0
    or months_unemployed_or_measure > 0
    or months_social_assistance > 0
    or months_on_benefit > 0
order by person_key, year
