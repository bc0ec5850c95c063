-- One row for each person who has left a programme by $as_of: their last exit.
--
-- Reads    programme_spell, core_nir_leave
-- Takes    $as_of, $moved (programme status), $not_registered (reason of exit), $days,
--          $care_leave (cause of leave)
-- Gives    schemas.linked.ExitCohort, by person_key
--
-- A person who re-enters belongs only to the last cohort. The end of a part that was continued in
-- another bydel is no exit. Two exits on one day: the later start wins, then the higher key.
-- A reason of exit nobody registered is «not registered» and stays in the cohort.
-- Who ends a programme on care leave after birth - leave from that programme that has not ended before
-- it and began at most $days after it - and does not return by $as_of, leaves at the end of the leave; a
-- leave that goes on keeps her out of every cohort until then. (One that has ended before moves nothing:
-- the later of two ends is the exit.) A leave is as the latest delivery has it:
-- of two in one delivery the later end, and no end is the latest.
with last_exit as (
    select *
    from programme_spell as spell
    where
        ended_on <= $as_of
        and not exists (
            from programme_spell as later
            where
                later.person_key = spell.person_key
                and later.programme_number > spell.programme_number
                and is_continued(spell.programme_status, spell.ended_on, later.started_on, $moved, $days)
        )
    qualify row_number() over (
        partition by person_key
        order by ended_on desc, started_on desc nulls last, programme_key desc
    ) = 1
),
care_leave as (
    select person_key, started_on, ended_on
    from core_nir_leave
    where leave_cause = $care_leave
    qualify row_number() over (
        partition by person_key, started_on
        order by delivery_year desc, ended_on desc nulls first
    ) = 1
),
leave_at_exit as (
    select
        last_exit.person_key,
        bool_or(care_leave.ended_on is null) as goes_on,
        max(care_leave.ended_on) as ended_on
    from last_exit
    join care_leave
        on care_leave.person_key = last_exit.person_key
        and care_leave.started_on <= last_exit.ended_on + $days
        and care_leave.started_on >= coalesce(last_exit.started_on, care_leave.started_on)
    where not exists (
        from programme_spell as later
        where
            later.person_key = last_exit.person_key
            and later.programme_number > last_exit.programme_number
            and later.started_on between last_exit.ended_on and $as_of
    )
    group by last_exit.person_key
),
leaving as (
    select
        last_exit.*,
        coalesce(leave_at_exit.goes_on, false) as is_on_leave,
        greatest(last_exit.ended_on, leave_at_exit.ended_on) as left_on
    from last_exit
    left join leave_at_exit on leave_at_exit.person_key = last_exit.person_key
)
select
    person_key,
    programme_key,
    bydel,
    started_on,
    ended_on,
    left_on,
    year(left_on) as exit_year,
    coalesce(nir_exit, $not_registered) as nir_exit
from leaving
where not is_on_leave and left_on <= $as_of
order by person_key
