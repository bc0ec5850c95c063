-- One row for each difference between a chain of programmes and NIR's report of it, or one that says none.
--
-- Reads    programme_chain, core_programme, core_case, core_result, core_activity, core_nir_participant,
--          core_nir_measure, same_place, nir_year, identified_person, programme_change, activity_of_measure
-- Takes    $not_registered (reason of exit), $days, $no_identifier, $cut_off_month, $cut_off_day
-- Gives    schemas.linked.Reconciliation, by person_key, kind and number
--
-- A report is what NIR's latest delivery says of a person's programme with that start in a municipality
-- of ours. It may be of a chain when both have one decision, or start within $days (where the chain has no
-- start: end within $days); a chain is held against the one of the same decision, then the nearest, then
-- the latest delivery, then the first.
-- A report that may be of no chain is only in NIR; a chain with no such report only in the case system,
-- if NIR was delivered for a year in which it ran and its person has an identifier.
-- NIR's end and reason were known by the cut-off of the first delivery that says the same; the case
-- system's by the latest of its result's dates and of the changes logged for its last programme.
with place as (
    select distinct coalesce(same_place.other, core_case.municipality) as municipality
    from core_case
    left join same_place on same_place.number = core_case.municipality
),
chain as (
    select
        chain.*,
        beginning.decided_on,
        coalesce(core_result.nir_exit, $not_registered) as nir_exit,
        greatest(core_result.dated_on, core_result.sent_to_nir_on, programme_change.changed_on) as changed_on
    from programme_chain as chain
    left join core_programme as beginning on beginning.programme_key = chain.first_programme_key
    left join core_result on core_result.programme_key = chain.programme_key
    left join programme_change on programme_change.programme_key = chain.programme_key
    where chain.programme_key = chain.last_programme_key
),
latest as (
    select person_key, municipality, started_on, decided_on, ended_on, nir_exit, delivery_year
    from core_nir_participant
    semi join place using (municipality)
    qualify row_number() over (
        partition by person_key, municipality, started_on
        order by delivery_year desc, ended_on nulls last, nir_exit nulls last, decided_on nulls last
    ) = 1
),
report as (
    select
        latest.*,
        row_number() over (partition by person_key order by started_on, municipality) as number,
        (
            select make_date(min(same.delivery_year) + 1, $cut_off_month, $cut_off_day)
            from core_nir_participant as same
            where
                same.person_key = latest.person_key
                and same.municipality = latest.municipality
                and same.started_on = latest.started_on
                and same.ended_on is not distinct from latest.ended_on
                and same.nir_exit is not distinct from latest.nir_exit
        ) as changed_on
    from latest
),
pair as (
    select
        chain.person_key,
        chain.number,
        report.number as report_number,
        report.delivery_year,
        coalesce(chain.decided_on = report.decided_on, false) as one_decision,
        -- Where no start is registered, the ends are all there is to go by.
        coalesce(
            abs(date_diff('day', chain.began_on, report.started_on)),
            if(chain.began_on is null, abs(date_diff('day', chain.ended_on, report.ended_on)), null)
        ) as days_apart
    from chain
    join report using (person_key)
    where one_decision or days_apart <= $days
),
matched as (
    select
        chain.*,
        report.started_on as nir_started_on,
        report.ended_on as nir_ended_on,
        coalesce(report.nir_exit, $not_registered) as reported_exit,
        report.delivery_year,
        case
            when chain.changed_on > report.changed_on then 'case_system'
            when chain.changed_on < report.changed_on then 'nir'
            else 'unknown'
        end as changed_last
    from (
        from pair
        qualify row_number() over (
            partition by person_key, number
            order by one_decision desc, days_apart nulls last, delivery_year desc, report_number
        ) = 1
    ) as nearest
    join chain using (person_key, number)
    join report on report.person_key = nearest.person_key and report.number = nearest.report_number
),
-- Kinds of activity the case system has, and those each measure in NIR may be.
kind_in_case_system as (
    select distinct matched.person_key, matched.number, core_activity.activity as kind
    from matched
    join programme_chain as part using (person_key, number)
    join core_activity on core_activity.programme_key = part.programme_key
    where core_activity.activity is not null
),
told_measure as (
    from core_nir_measure
    semi join place using (municipality)
    qualify row_number() over (
        partition by person_key, municipality, measure, started_on
        order by delivery_year desc, ended_on nulls last
    ) = 1
),
kind_in_nir as (
    select distinct matched.person_key, matched.number, told.measure, activity_of_measure.activity as kind
    from matched
    join told_measure as told
        on told.person_key = matched.person_key
        and told.started_on <= coalesce(matched.ended_on + $days, date '9999-12-31')
        and coalesce(told.ended_on, date '9999-12-31') >= matched.began_on - $days
    join activity_of_measure on activity_of_measure.measure = told.measure
),
activity as (
    select person_key, number
    from (select distinct person_key, number from kind_in_case_system)
    semi join kind_in_nir using (person_key, number)
),
activity_differs as (
    select person_key, number
    from activity
    semi join (
        select person_key, number from (
            select person_key, number, kind from kind_in_case_system
            except
            select person_key, number, kind from kind_in_nir
        )
        union all
        select person_key, number from (
            select person_key, number, measure from kind_in_nir
            except
            select person_key, number, measure
            from kind_in_nir
            semi join kind_in_case_system using (person_key, number, kind)
        )
    ) as apart using (person_key, number)
),
difference as (
    select
        person_key,
        number,
        'start_differs' as kind,
        abs(date_diff('day', began_on, nir_started_on)) as days_apart
    from matched
    where began_on is distinct from nir_started_on
    union all
    -- An end that came after the year of the delivery could not be in it.
    select person_key, number, 'end_differs', abs(date_diff('day', ended_on, nir_ended_on))
    from matched
    where
        ended_on is distinct from nir_ended_on
        and (nir_ended_on is not null or year(ended_on) <= delivery_year)
    union all
    select person_key, number, 'reason_differs', null
    from matched
    where ended_on is not null and nir_ended_on is not null and nir_exit <> reported_exit
    union all
    select person_key, number, 'activity_differs', null
    from activity_differs
),
said as (
    select matched.person_key, difference.kind, matched.number, difference.days_apart, matched.changed_last
    from matched
    join difference using (person_key, number)
    union all
    select person_key, 'agrees', number, null, changed_last
    from matched
    anti join difference using (person_key, number)
    union all
    select
        chain.person_key,
        case
            when identified.person_key is null or identified.best_identifier = $no_identifier
                then 'not_identified'
            when not exists (
                from nir_year
                where
                    nir_year.year >= coalesce(year(coalesce(chain.began_on, chain.ended_on)), 0)
                    and nir_year.year <= coalesce(year(chain.ended_on), 9999)
            )
                then 'not_delivered'
            else 'only_in_case_system'
        end,
        chain.number,
        null,
        'case_system'
    from chain
    left join identified_person as identified using (person_key)
    anti join matched using (person_key, number)
),
-- Its bydel is that of the person's latest case opened by then, or of the first opened after.
only_in_nir as (
    select report.person_key, report.number, core_case.bydel, year(report.started_on) as year
    from report
    anti join pair on pair.person_key = report.person_key and pair.report_number = report.number
    left join core_case on core_case.person_key = report.person_key
    qualify row_number() over (
        partition by report.person_key, report.number
        order by
            core_case.opened_on <= report.started_on + $days desc nulls last,
            abs(date_diff('day', core_case.opened_on, report.started_on + $days)),
            core_case.case_key
    ) = 1
)
select
    said.person_key,
    said.kind,
    said.number,
    chain.programme_key,
    said.days_apart,
    said.changed_last,
    chain.bydel,
    year(coalesce(chain.began_on, chain.ended_on, chain.decided_on)) as year
from said
join chain using (person_key, number)
union all
select person_key, 'only_in_nir', number, null, null, 'nir', bydel, year
from only_in_nir
order by 1, 2, 3
