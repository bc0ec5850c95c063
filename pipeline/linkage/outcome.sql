-- One row for each person of the exit cohort and each outcome window, observed or censored.
--
-- Reads    exit_cohort, work_month, core_population_status
--          outcome_window (outcome, at_exit, years_after, in_work, otherwise)
--          exit_status (nir_exit, status), outcome_numerator (outcome, status)
--          loaded_year (year), linkable_person (person_key)
-- Takes    $as_of, $month (the month the registers are asked about), $dead, $emigrated
-- Gives    schemas.linked.Outcome, by person_key and outcome
--
-- At exit the reason of exit decides, and everybody is observed. Later windows ask the registers at
-- the last day of $month. The first reason that holds censors: not due, not loaded, dead, emigrated,
-- not linkable. A person's residence is the status that began last by then; of two that began the
-- same day the later year's, then death, then emigration. Who is in no population file is resident.
with due as (
    select
        exit_cohort.person_key,
        exit_cohort.exit_year,
        exit_cohort.nir_exit,
        outcome_window.outcome,
        outcome_window.at_exit,
        outcome_window.in_work,
        outcome_window.otherwise,
        case
            when outcome_window.at_exit then exit_cohort.ended_on
            else last_day(make_date(exit_cohort.exit_year + outcome_window.years_after, $month, 1))
        end as due_on
    from exit_cohort
    cross join outcome_window
),
residence as (
    select due.person_key, due.outcome, population.residence
    from due
    join core_population_status as population
        on population.person_key = due.person_key
        and holds_from(population.status_on, population.year) <= due.due_on
    where not due.at_exit
    qualify row_number() over (
        partition by due.person_key, due.outcome
        order by
            holds_from(population.status_on, population.year) desc,
            population.year desc,
            population.residence = $dead desc,
            population.residence = $emigrated desc
    ) = 1
),
censored as (
    select
        due.*,
        case
            when due.at_exit then 'observed'
            when due.due_on > $as_of then 'not_due'
            when loaded_year.year is null then 'not_loaded'
            when residence.residence = $dead then 'dead'
            when residence.residence = $emigrated then 'emigrated'
            when linkable_person.person_key is null then 'not_linkable'
            else 'observed'
        end as censoring
    from due
    left join loaded_year on loaded_year.year = year(due.due_on)
    left join residence
        on residence.person_key = due.person_key and residence.outcome = due.outcome
    left join linkable_person on linkable_person.person_key = due.person_key
),
observed as (
    select
        censored.*,
        case
            when censored.censoring <> 'observed' then null
            when censored.at_exit then exit_status.status
            when work_month.person_key is not null then censored.in_work
            else censored.otherwise
        end as status
    from censored
    left join exit_status on exit_status.nir_exit = censored.nir_exit
    left join work_month
        on work_month.person_key = censored.person_key
        and work_month.month = date_trunc('month', censored.due_on)
)
select
    observed.person_key,
    observed.exit_year,
    observed.outcome,
    observed.due_on,
    observed.status,
    observed.censoring,
    outcome_numerator.status is not null as in_numerator,
    observed.censoring = 'observed' as in_denominator
from observed
left join outcome_numerator
    on outcome_numerator.outcome = observed.outcome and outcome_numerator.status = observed.status
order by observed.person_key, observed.outcome
