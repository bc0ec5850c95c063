-- One row for each programme and thing about it that somebody should look at.
--
-- Reads    programme_spell, programme_chain, core_programme, core_residence_permit, core_absence,
--          core_nir_leave, programme_limit
-- Takes    $as_of, $moved, $days, $running (programme statuses), $leave_causes (of absence), $act_of_2021,
--          $chapter_6a, $collective (permit ground)
-- Gives    schemas.linked.ProgrammeFlag, by programme_key and flag
--
-- The rules that apply are those of the day the chain began: before the act of 2021 the act of 2003, and
-- after it where the case system says so, or where the permit that held then was decided before that act
-- (an undated decision: on the day the permit held from); chapter 6A, from its day, where that permit is of
-- collective protection.
-- A programme overlaps an earlier one that ended after it began, unless it continues that one; an end
-- nobody registered overlaps nothing. A chain is too long when it ends, or is still running, after the
-- months allowed and one day for each day of leave. Leave is care after birth and leave for work in the
-- case system, any leave in NIR; days in both count once.
with permit as (
    select
        person_key,
        valid_from,
        bool_or(permit_ground = $collective) as is_collective,
        min(coalesce(decided_on, valid_from)) as decided_on
    from core_residence_permit
    group by person_key, valid_from
),
chain as (
    select
        chain.*,
        last_part.programme_goal,
        coalesce(chain.ended_on, if(list_contains($running, chain.programme_status), $as_of, null)) as runs_to,
        case
            when chain.began_on is null then null
            when chain.began_on >= $chapter_6a and permit.is_collective then '6A'
            when chain.began_on < $act_of_2021
                or permit.decided_on < $act_of_2021
                or coalesce(chain.law = '2003', false)
                then '2003'
            else '2021'
        end as applied_law
    from programme_chain as chain
    left join core_programme as last_part on last_part.programme_key = chain.last_programme_key
    asof left join permit
        on permit.person_key = chain.person_key
        and permit.valid_from <= chain.began_on
),
leave as (
    select
        chain.last_programme_key,
        absence.started_on,
        -- Without an end: the days it says, or the one day.
        coalesce(absence.ended_on, absence.started_on + greatest(coalesce(absence.days, 1), 1)::integer - 1)
            as ended_on
    from core_absence as absence
    join chain using (programme_key)
    where list_contains($leave_causes, absence.absence_cause)
    union all
    select chain.last_programme_key, told.started_on, coalesce(told.ended_on, chain.runs_to)
    from (
        from core_nir_leave
        -- What the latest delivery says of a leave: in an earlier one it had not ended.
        qualify row_number() over (
            partition by person_key, municipality, leave_cause, started_on
            order by delivery_year desc, ended_on nulls last
        ) = 1
    ) as told
    join chain on chain.person_key = told.person_key and chain.programme_key = chain.last_programme_key
),
leave_day as (
    select distinct
        last_programme_key,
        unnest(range(
            greatest(leave.started_on, chain.began_on),
            least(leave.ended_on, chain.runs_to) + 1,
            interval 1 day
        )) as day
    from leave
    join chain using (last_programme_key)
    where chain.programme_key = chain.last_programme_key
),
flagged as (
    select later.programme_key, 'overlap' as flag
    from programme_spell as later
    where exists (
        from programme_spell as earlier
        where
            earlier.person_key = later.person_key
            and earlier.programme_number < later.programme_number
            and later.started_on < earlier.ended_on
            and not coalesce(
                is_continued(earlier.programme_status, earlier.ended_on, later.started_on, $moved, $days),
                false
            )
    )
    union all
    select programme_key, 'end_before_start'
    from programme_spell
    where ended_on < started_on
    union all
    select chain.programme_key, 'too_long'
    from chain
    join programme_limit
        on programme_limit.law = chain.applied_law
        and programme_limit.programme_goal is not distinct from chain.programme_goal
    left join (
        select last_programme_key, count(*) as days from leave_day group by last_programme_key
    ) as away using (last_programme_key)
    where
        chain.programme_key = chain.last_programme_key
        and chain.runs_to >= chain.began_on
            + to_months(programme_limit.months::integer)
            + to_days(coalesce(away.days, 0)::integer)
)
select
    chain.person_key,
    flagged.programme_key,
    flagged.flag,
    chain.applied_law as law,
    chain.bydel,
    year(coalesce(spell.started_on, spell.ended_on)) as year
from flagged
join chain using (programme_key)
join programme_spell as spell using (programme_key)
order by flagged.programme_key, flagged.flag
