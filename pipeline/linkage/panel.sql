-- One row for each person of the exit cohort and each month since the exit, observed or censored.
--
-- Reads    exit_cohort, year_status, residence (residence.sql)
--          status_of_flags (the flags of a month, status), answerable (month),
--          linkable_person (person_key)
-- Takes    $as_of, $months (the last month since the exit, at most 62)
-- Gives    schemas.linked.Panel, by person_key and months_since_exit
--
-- Month 0 is the calendar month of the exit. A month is censored as in outcome.sql, on its last day.
-- Whatever is known of a person's months is one number with a bit for each month since the exit, so that
-- neither months nor persons have to be joined or sorted once they are multiplied: the rows come in the
-- order of their key because the persons do.
with cohort as (
    select
        exit_cohort.person_key,
        month_index(exit_cohort.left_on) as exit_month,
        linkable_person.person_key is not null as is_linkable
    from exit_cohort
    left join linkable_person on linkable_person.person_key = exit_cohort.person_key
),
said as (
    select
        person_key,
        bit_or(months_since(months_in_work, january, $months)) as in_work,
        bit_or(months_since(months_in_education, january, $months)) as in_education,
        bit_or(months_since(months_in_compulsory_school, january, $months)) as in_compulsory_school,
        bit_or(months_since(months_unemployed_or_measure, january, $months)) as unemployed_or_measure,
        bit_or(months_since(months_social_assistance, january, $months)) as social_assistance,
        bit_or(months_since(months_on_benefit, january, $months)) as on_benefit
    from (
        select year_status.*, year_status.year * 12 + 1 - cohort.exit_month as january
        from year_status
        join cohort on cohort.person_key = year_status.person_key
    )
    where january between -11 and $months
    group by person_key
),
absence as (
    select
        residence.person_key,
        residence.not_resident,
        greatest(month_index(residence.began_on) - cohort.exit_month, 0) as first_month,
        case
            when isinf(residence.next_on) then $months + 1
            else least(month_index(residence.next_on) - cohort.exit_month, $months + 1)
        end as end_month
    from residence
    join cohort on cohort.person_key = residence.person_key
    where residence.not_resident is not null
),
absent as (
    select
        person_key,
        bit_or(bits_between(first_month, end_month)) as away,
        bit_or(bits_between(first_month, end_month)) filter (not_resident = 'dead') as dead
    from absence
    where first_month < end_month
    group by person_key
),
loaded as (
    select exit_month, bit_or(bit_of(true, since)) as answerable
    from (
        select left_in.exit_month, month_index(answerable.month) - left_in.exit_month as since
        from (select distinct exit_month from cohort) as left_in
        cross join answerable
    )
    where since between 0 and $months
    group by exit_month
),
person as (
    select
        cohort.person_key,
        cohort.is_linkable,
        month_index($as_of::date + 1) - cohort.exit_month as months_due,
        coalesce(loaded.answerable, 0) as answerable,
        coalesce(absent.away, 0) as away,
        coalesce(absent.dead, 0) as dead,
        coalesce(said.in_work, 0) as in_work,
        coalesce(said.in_education, 0) as in_education,
        coalesce(said.in_compulsory_school, 0) as in_compulsory_school,
        coalesce(said.unemployed_or_measure, 0) as unemployed_or_measure,
        coalesce(said.social_assistance, 0) as social_assistance,
        coalesce(said.on_benefit, 0) as on_benefit
    from cohort
    left join said on said.person_key = cohort.person_key
    left join absent on absent.person_key = cohort.person_key
    left join loaded on loaded.exit_month = cohort.exit_month
    order by cohort.person_key
),
month_of as (
    select *, unnest(range(0, $months + 1)) as since from person
),
told as (
    select
        person_key,
        since::tinyint as months_since_exit,
        flags_number(
            has_bit(in_work, since),
            has_bit(in_education, since),
            has_bit(in_compulsory_school, since),
            has_bit(unemployed_or_measure, since),
            has_bit(social_assistance, since),
            has_bit(on_benefit, since)
        ) as flags,
        censoring_of(
            since < months_due,
            has_bit(answerable, since),
            case when has_bit(dead, since) then 'dead' when has_bit(away, since) then 'emigrated' end,
            is_linkable
        ) as censoring
    from month_of
)
select
    person_key,
    months_since_exit,
    case when censoring = 'observed' then (
        select list(
            status order by flags_number(
                in_work,
                in_education,
                in_compulsory_school,
                unemployed_or_measure,
                social_assistance,
                on_benefit
            )
        )
        from status_of_flags
    )[flags + 1] end as status,
    censoring
from told
