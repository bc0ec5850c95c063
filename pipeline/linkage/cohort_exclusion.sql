-- One row for each person with a programme who is in no exit cohort on $as_of, and why.
--
-- Reads    programme_spell, exit_cohort
-- Takes    $as_of, $running (programme status)
-- Gives    schemas.linked.CohortExclusion, by person_key
--
-- Who has an exit and is in no cohort is on leave. Of the others the latest programme speaks: one that
-- ends after $as_of, or has no end and says it runs, goes on; the end of any other is not known.
select
    person_key,
    case
        when bool_or(exited_on <= $as_of) then 'on_leave'
        when
            max_by(
                coalesce(exited_on > $as_of, list_contains($running, programme_status), false),
                programme_number
            )
            then 'still_in_programme'
        else 'end_unknown'
    end as exclusion
from programme_spell
where person_key not in (select person_key from exit_cohort)
group by person_key
order by person_key
