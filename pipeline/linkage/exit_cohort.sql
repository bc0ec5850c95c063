-- One row for each person who has ended a programme by $as_of: their last exit.
--
-- Reads    programme_spell
-- Takes    $as_of, $moved (programme status), $not_registered (reason of exit), $days
-- Gives    schemas.linked.ExitCohort, by person_key
--
-- A person who re-enters belongs only to the last cohort. The end of a part that was continued in
-- another bydel is no exit. Two exits on one day: the later start wins, then the higher key.
-- A reason of exit nobody registered is «not registered» and stays in the cohort.
select
    person_key,
    programme_key,
    bydel,
    started_on,
    ended_on,
    year(ended_on) as exit_year,
    coalesce(nir_exit, $not_registered) as nir_exit
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
order by person_key
