-- One row for each programme, with the bydel it ran in, when it was left and the reason of exit that counts.
--
-- Reads    core_programme, core_case, core_result, core_nir_participant
-- Takes    $moved and $ended (programme status), $not_registered (reason of exit), $days
-- Gives    schemas.linked.ProgrammeSpell, by programme_key
--
-- A person's programmes are numbered by start (by end where the start is missing), then by key.
-- A programme that continues one split by a move began when that one began, of several the latest: NIR
-- knows one programme, its start and its end. So NIR's rows are sought within $days of that beginning
-- (where no start is known, of the end), and say nothing about a part that was continued elsewhere.
-- The rows of one municipality are one programme as delivered year after year: the latest delivery counts,
-- in it the nearest day, then the earliest start. Of several municipalities the nearest day counts, then
-- the latest delivery, the earliest start, the lowest number.
-- Final results go to NIR: its reason of exit wins unless it is missing or says «not registered». Where
-- the status says ended and no end is registered, NIR's end is the day the programme was left.
with recursive numbered as (
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
    select
        earlier.programme_key as moved_key,
        later.programme_key as continuing_key,
        earlier.programme_number as moved_number
    from numbered as earlier
    join numbered as later
        on later.person_key = earlier.person_key
        and later.programme_number > earlier.programme_number
    where is_continued(earlier.programme_status, earlier.ended_on, later.started_on, $moved, $days)
),
continuation as (
    select continuing_key, max_by(moved_key, moved_number) as moved_key
    from move
    group by continuing_key
),
begun(programme_key, began_on) as (
    select programme_key, started_on
    from numbered
    where programme_key not in (select continuing_key from move)
    union all
    select continuation.continuing_key, begun.began_on
    from begun
    join continuation on continuation.moved_key = begun.programme_key
),
near as (
    select
        numbered.programme_key,
        nir.municipality,
        nir.delivery_year,
        nir.started_on,
        nir.ended_on,
        nir.nir_exit,
        case
            when begun.began_on is not null then abs(date_diff('day', begun.began_on, nir.started_on))
            else abs(date_diff('day', numbered.ended_on, nir.ended_on))
        end as days_apart
    from numbered
    join begun on begun.programme_key = numbered.programme_key
    join core_nir_participant as nir on nir.person_key = numbered.person_key
    where days_apart <= $days and numbered.programme_key not in (select moved_key from move)
),
delivered_last as (
    select *
    from near
    qualify row_number() over (
        partition by programme_key, municipality
        order by delivery_year desc, days_apart, started_on, nir_exit nulls last, ended_on nulls last
    ) = 1
),
reported as (
    select *
    from delivered_last
    qualify row_number() over (
        partition by programme_key
        order by days_apart, delivery_year desc, started_on, municipality
    ) = 1
)
select
    numbered.person_key,
    numbered.programme_key,
    numbered.programme_number,
    core_case.bydel,
    numbered.law,
    begun.began_on,
    numbered.started_on,
    numbered.ended_on,
    case
        when numbered.programme_key in (select moved_key from move) then null
        when list_contains($ended, numbered.programme_status)
            then coalesce(numbered.ended_on, reported.ended_on)
        else numbered.ended_on
    end as exited_on,
    numbered.programme_status,
    coalesce(nullif(reported.nir_exit, $not_registered), core_result.nir_exit) as nir_exit
from numbered
join begun on begun.programme_key = numbered.programme_key
left join core_case on core_case.case_key = numbered.case_key
left join core_result on core_result.programme_key = numbered.programme_key
left join reported on reported.programme_key = numbered.programme_key
order by numbered.programme_key
