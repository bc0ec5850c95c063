-- One row for each person of the exit cohort and each outcome window, observed or censored.
--
-- Reads    exit_cohort, year_status, residence (residence.sql)
--          outcome_window (outcome, by_reason, month_number, months_after, counts_all)
--          status_of_flags (outcome, the flags of a month, status)
--          exit_status (nir_exit, status), outcome_numerator (outcome, status)
--          answerable (outcome, month), linkable_person (person_key)
-- Takes    $as_of, $first_monthly_year (the first year of the employment register by month)
-- Gives    schemas.linked.Outcome, by person_key and outcome
--
-- A window by reason asks the reason of exit, on the day of the exit, and everybody is observed. A window
-- by month asks what the registers say of the calendar month `months_after` the month of the exit, or
-- after that numbered month of the exit year; it is due on the month's last day. A person's residence is
-- the status that began last by then. Where a window counts all, who has died or emigrated is observed so.
-- Several windows ask of the same day: what is known of it is looked up once.
with moment as (
    select distinct by_reason, month_number, months_after from outcome_window
),
due as (
    select
        exit_cohort.person_key,
        exit_cohort.exit_year,
        exit_cohort.nir_exit,
        moment.by_reason,
        moment.month_number,
        moment.months_after,
        case
            when moment.by_reason then exit_cohort.left_on
            else last_day(
                make_date(
                    exit_cohort.exit_year, coalesce(moment.month_number, month(exit_cohort.left_on)), 1
                )
                + to_months(moment.months_after)
            )
        end as due_on
    from exit_cohort
    cross join moment
),
placed as (
    select
        due.*,
        due.due_on - day(due.due_on)::integer + 1 as month,
        residence.not_resident,
        linkable_person.person_key is not null as is_linkable,
        flags_number(
            has_bit(coalesce(year_status.months_in_work, 0), month(due.due_on)),
            has_bit(coalesce(year_status.months_in_education, 0), month(due.due_on)),
            has_bit(coalesce(year_status.months_in_compulsory_school, 0), month(due.due_on)),
            has_bit(coalesce(year_status.months_unemployed_or_measure, 0), month(due.due_on)),
            has_bit(coalesce(year_status.months_social_assistance, 0), month(due.due_on)),
            has_bit(coalesce(year_status.months_on_benefit, 0), month(due.due_on))
        ) as flags
    from due
    left join residence
        on residence.person_key = due.person_key
        and residence.began_on <= due.due_on
        and residence.next_on > due.due_on
    left join linkable_person on linkable_person.person_key = due.person_key
    left join year_status
        on year_status.person_key = due.person_key and year_status.year = year(due.due_on)
),
censored as (
    select
        placed.*,
        outcome_window.outcome,
        case
            when placed.by_reason then 'observed'
            else censoring_of(
                placed.due_on <= $as_of,
                answerable.month is not null,
                case when not outcome_window.counts_all then placed.not_resident end,
                placed.is_linkable or placed.not_resident is not null
            )
        end as censoring
    from placed
    join outcome_window
        on outcome_window.by_reason = placed.by_reason
        and outcome_window.month_number is not distinct from placed.month_number
        and outcome_window.months_after = placed.months_after
    left join answerable
        on answerable.outcome = outcome_window.outcome and answerable.month = placed.month
),
status_of as (
    select
        outcome,
        flags_number(
            in_work, in_education, in_compulsory_school, unemployed_or_measure, social_assistance, on_benefit
        ) as flags,
        status
    from status_of_flags
),
measured as (
    select
        censored.*,
        case
            when censored.censoring <> 'observed' then null
            when censored.by_reason then exit_status.status
            else coalesce(censored.not_resident, status_of.status)
        end as status
    from censored
    left join exit_status on exit_status.nir_exit = censored.nir_exit
    left join status_of on status_of.outcome = censored.outcome and status_of.flags = censored.flags
)
select
    measured.person_key,
    measured.exit_year,
    measured.outcome,
    measured.due_on,
    measured.status,
    measured.censoring,
    case when not measured.by_reason then series_of(measured.month, $first_monthly_year) end as series,
    outcome_numerator.status is not null as in_numerator,
    measured.censoring = 'observed' as in_denominator
from measured
left join outcome_numerator
    on outcome_numerator.outcome = measured.outcome and outcome_numerator.status = measured.status
order by measured.person_key, measured.outcome
