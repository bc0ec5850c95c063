-- One row for each person of the exit cohort and each outcome window, observed or censored.
--
-- Reads    exit_cohort, month_status, residence (residence.sql)
--          outcome_window (outcome, by_reason, month_number, months_after, counts_all)
--          status_of_flags (outcome, the flags of month_status, status)
--          exit_status (nir_exit, status), outcome_numerator (outcome, status)
--          answerable (outcome, month), linkable_person (person_key)
-- Takes    $as_of, $first_monthly_year (the first year of the employment register by month)
-- Gives    schemas.linked.Outcome, by person_key and outcome
--
-- A window by reason asks the reason of exit, on the day of the exit, and everybody is observed. A window
-- by month asks what the registers say of the calendar month `months_after` the month of the exit, or
-- after that numbered month of the exit year; it is due on the month's last day. A person's residence is
-- the status that began last by then. Where a window counts all, who has died or emigrated is observed so.
with due as (
    select
        exit_cohort.person_key,
        exit_cohort.exit_year,
        exit_cohort.nir_exit,
        outcome_window.outcome,
        outcome_window.by_reason,
        outcome_window.counts_all,
        case
            when outcome_window.by_reason then exit_cohort.left_on
            else last_day(
                make_date(
                    exit_cohort.exit_year,
                    coalesce(outcome_window.month_number, month(exit_cohort.left_on)),
                    1
                )
                + to_months(outcome_window.months_after)
            )
        end as due_on
    from exit_cohort
    cross join outcome_window
),
placed as (
    select
        due.*,
        due.due_on - day(due.due_on)::integer + 1 as month,
        residence.not_resident
    from due
    left join residence
        on residence.person_key = due.person_key
        and residence.began_on <= due.due_on
        and residence.next_on > due.due_on
),
censored as (
    select
        placed.*,
        case
            when placed.by_reason then 'observed'
            else censoring_of(
                placed.due_on <= $as_of,
                answerable.month is not null,
                case when not placed.counts_all then placed.not_resident end,
                linkable_person.person_key is not null or placed.not_resident is not null
            )
        end as censoring
    from placed
    left join answerable
        on answerable.outcome = placed.outcome and answerable.month = placed.month
    left join linkable_person on linkable_person.person_key = placed.person_key
),
measured as (
    select
        censored.*,
        case
            when censored.censoring <> 'observed' then null
            when censored.by_reason then exit_status.status
            else coalesce(censored.not_resident, status_of_flags.status)
        end as status
    from censored
    left join exit_status on exit_status.nir_exit = censored.nir_exit
    left join month_status
        on month_status.person_key = censored.person_key and month_status.month = censored.month
    left join status_of_flags
        on status_of_flags.outcome = censored.outcome
        and status_of_flags.in_work = coalesce(month_status.in_work, false)
        and status_of_flags.in_education = coalesce(month_status.in_education, false)
        and status_of_flags.in_compulsory_school = coalesce(month_status.in_compulsory_school, false)
        and status_of_flags.unemployed_or_measure = coalesce(month_status.unemployed_or_measure, false)
        and status_of_flags.social_assistance = coalesce(month_status.social_assistance, false)
        and status_of_flags.on_benefit = coalesce(month_status.on_benefit, false)
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
