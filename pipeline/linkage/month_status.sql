-- One row for each participant and month in which any register says something of them.
--
-- Reads    work_month, core_education, core_benefit, core_social_assistance, programme_spell
--          education_flag (level, flag), benefit_flag (benefit, flag)
-- Takes    $under_way (status of an education), $started and $stopped (benefit events),
--          $delivered_to (the last day benefits are delivered for)
-- Gives    schemas.linked.MonthStatus, by person_key and month
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
        unnest(months_in_year(year, started_on, ended_on)) as month_number
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
benefit_month as (
    select
        person_key,
        benefit,
        unnest(
            generate_series(date_trunc('month', started_on), ended_on::timestamp, interval 1 month)
        )::date as month
    from benefit_spell
),
assisted as (
    unpivot (
        select person_key, year, columns('^month_[0-9]{2}$')
        from core_social_assistance
        semi join participant using (person_key)
    )
    on columns('^month_[0-9]{2}$') into name month_name value received
),
said as (
    select person_key, month, flag_number('in_work') as flags from work_month
    union all
    select enrolled.person_key, make_date(enrolled.year, enrolled.month_number, 1), says.flags
    from enrolled
    join (select level, flag_number(flag) as flags from education_flag) as says
        on says.level = enrolled.level
    union all
    select benefit_month.person_key, benefit_month.month, says.flags
    from benefit_month
    join (select benefit, flag_number(flag) as flags from benefit_flag) as says
        on says.benefit = benefit_month.benefit
    union all
    select person_key, make_date(year, right(month_name, 2)::integer, 1), flag_number('social_assistance')
    from assisted
    where received
),
month_said as (
    select person_key, month, bit_or(flags) as flags
    from said
    group by person_key, month
)
select
    person_key,
    month,
    flags & flag_number('in_work') > 0 as in_work,
    flags & flag_number('in_education') > 0 as in_education,
    flags & flag_number('in_compulsory_school') > 0 as in_compulsory_school,
    flags & flag_number('unemployed_or_measure') > 0 as unemployed_or_measure,
    flags & flag_number('social_assistance') > 0 as social_assistance,
    flags & flag_number('on_benefit') > 0 as on_benefit
from (from month_said order by person_key, month)
