-- One row for each person who has left a programme by $as_of: their last exit.
--
-- Reads    programme_spell, core_nir_leave
-- Takes    $as_of, $not_registered (reason of exit), $days, $care_leave (cause of leave),
--          $care_leave_months (how long an open leave lasts)
-- Gives    schemas.linked.ExitCohort, by person_key
--
-- A person who re-enters belongs only to the last cohort. The end of a part that was continued in
-- another bydel is no exit. Two exits on one day are often one programme entered twice: the one with a
-- registered reason wins, then the earlier start, then the lower key.
-- A reason of exit nobody registered is «not registered» and stays in the cohort.
-- Who ends a programme on care leave after birth - leave from that programme that has not ended before
-- it and began at most $days after it - and does not return by $as_of, leaves at the end of the leave; a
-- leave that goes on keeps her out of every cohort until then. (One that has ended before moves nothing:
-- the later of two ends is the exit.) A leave is as the latest delivery has it: of two in one delivery
-- the later end, and no end is the latest. A leave without an end lasts as long as the law lets it.
with last_exit as (
    select *
    from programme_spell
    where exited_on <= $as_of
    qualify row_number() over (
        partition by person_key
        order by
            exited_on desc,
            coalesce(nir_exit, $not_registered) = $not_registered,
            started_on nulls last,
            programme_key
    ) = 1
),
care_leave as (
    select
        person_key,
        started_on,
        coalesce(ended_on, cast(started_on + to_months($care_leave_months) as date)) as ended_on
    from core_nir_leave
    where leave_cause = $care_leave
    qualify row_number() over (
        partition by person_key, started_on
        order by delivery_year desc, core_nir_leave.ended_on desc nulls first
    ) = 1
),
leave_at_exit as (
    select last_exit.person_key, max(care_leave.ended_on) as ended_on
    from last_exit
    join care_leave
        on care_leave.person_key = last_exit.person_key
        and care_leave.started_on <= last_exit.exited_on + $days
        and care_leave.started_on >= coalesce(last_exit.began_on, care_leave.started_on)
    where not exists (
        from programme_spell as later
        where
            later.person_key = last_exit.person_key
            and later.programme_number > last_exit.programme_number
            and later.started_on between last_exit.exited_on and $as_of
    )
    group by last_exit.person_key
),
leaving as (
    select last_exit.*, greatest(last_exit.exited_on, leave_at_exit.ended_on) as left_on
    from last_exit
    left join leave_at_exit on leave_at_exit.person_key = last_exit.person_key
)
select
    person_key,
    programme_key,
    bydel,
    started_on,
    exited_on as ended_on,
    left_on,
    year(left_on) as exit_year,
    coalesce(nir_exit, $not_registered) as nir_exit
from leaving
where left_on <= $as_of
order by person_key
