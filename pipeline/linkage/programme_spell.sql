-- One row for each programme, with the bydel it ran in and the reason of exit that counts.
--
-- Reads    core_programme, core_case, core_result, core_nir_participant
-- Takes    $moved (programme status), $not_registered (reason of exit), $days
-- Gives    schemas.linked.ProgrammeSpell, by programme_key
--
-- A person's programmes are numbered by start (by end where the start is missing), then by key.
-- A programme that continues one split by a move began when the person's latest programme that
-- continues none began: NIR knows one programme, its start and its end. So NIR's row is sought within
-- $days of that beginning - the nearest start, then the latest delivery, the earliest start, the lowest
-- municipality and code - and says nothing about a part that was continued elsewhere.
-- Final results go to NIR: its reason of exit wins unless it is missing or says «not registered».
with numbered as (
    select
        programme_key,
        person_key,
        case_key,
        law,
        started_on,
        ended_on,
        programme_status,
        row_number() over (
            partition by person_key
            order by coalesce(started_on, ended_on) nulls last, programme_key
        ) as programme_number
    from core_programme
),
move as (
    select earlier.programme_key as moved_key, later.programme_key as continuing_key
    from numbered as earlier
    join numbered as later
        on later.person_key = earlier.person_key
        and later.programme_number > earlier.programme_number
    where is_continued(earlier.programme_status, earlier.ended_on, later.started_on, $moved, $days)
),
begun as (
    select
        person_key,
        programme_key,
        max(started_on) filter (programme_key not in (select continuing_key from move)) over (
            partition by person_key order by programme_number
        ) as began_on
    from numbered
),
reported as (
    select begun.programme_key, nir.nir_exit
    from begun
    join core_nir_participant as nir
        on nir.person_key = begun.person_key
        and nir.started_on between begun.began_on - $days and begun.began_on + $days
    where begun.programme_key not in (select moved_key from move)
    qualify row_number() over (
        partition by begun.programme_key
        order by
            abs(date_diff('day', begun.began_on, nir.started_on)),
            nir.delivery_year desc,
            nir.started_on,
            nir.municipality,
            nir.nir_exit nulls last
    ) = 1
)
select
    numbered.person_key,
    numbered.programme_key,
    numbered.programme_number,
    core_case.bydel,
    numbered.law,
    numbered.started_on,
    numbered.ended_on,
    numbered.programme_status,
    coalesce(nullif(reported.nir_exit, $not_registered), core_result.nir_exit) as nir_exit
from numbered
left join core_case on core_case.case_key = numbered.case_key
left join core_result on core_result.programme_key = numbered.programme_key
left join reported on reported.programme_key = numbered.programme_key
order by numbered.programme_key
