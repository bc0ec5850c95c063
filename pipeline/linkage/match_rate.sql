-- One row for each register, year, bydel and best identifier: participants sought, and found.
--
-- Reads    programme_spell, register_year, known_by, identified_person, linkable_person, residence and, in
--          core: nir_participant, population_status, employment_annual, employment_monthly, education,
--          social_assistance, benefit, language_test
-- Takes    $no_bydel, $no_identifier, $running (programme statuses)
-- Gives    schemas.linked.MatchRate, by register, year, bydel and best_identifier
--
-- Expected of a register in a year it was delivered for is whoever had begun a programme by the end of the
-- year, but not who was dead or abroad on every day of it; of NIR only who was in one, where a programme
-- whose end nobody registered counts for the year it began, and on while its status says that it runs. A
-- person's bydel is that of the latest programme begun by then. Who is linkable where outcomes are counted is
-- linkable here, and who has a number that this register alone knows; who has a record could be linked,
-- whatever the identifier. Not every participant need have one.
with away as (
    select register_year.year, residence.person_key
    from (select distinct year from register_year) as register_year
    join residence
        on residence.began_on <= make_date(register_year.year, 12, 31)
        and residence.next_on > make_date(register_year.year, 1, 1)
    group by register_year.year, residence.person_key
    having
        bool_and(residence.not_resident is not null)
        -- Until the first status somebody is resident.
        and min(residence.began_on) <= make_date(register_year.year, 1, 1)
),
expected as (
    select
        register_year.register,
        register_year.year,
        spell.person_key,
        max_by(coalesce(spell.bydel, $no_bydel), spell.programme_number) as bydel
    from register_year
    join programme_spell as spell
        on year(coalesce(spell.started_on, spell.ended_on)) <= register_year.year
        and (
            not register_year.while_in_programme
            or coalesce(
                year(spell.ended_on),
                if(list_contains($running, spell.programme_status), 9999, year(spell.started_on))
            ) >= register_year.year
        )
    anti join away on away.year = register_year.year and away.person_key = spell.person_key
    group by all
),
-- Only participants are kept, in the one pass over each register: who has a record is few, the records many.
participant as (
    select distinct person_key from programme_spell
),
record as (
    select distinct 'nir_participant' as register, delivery_year as year, person_key
    from core_nir_participant semi join participant using (person_key)
    union all
    select distinct 'population_status', year, person_key from core_population_status semi join participant using (person_key)
    union all
    select distinct 'employment_annual', year, person_key from core_employment_annual semi join participant using (person_key)
    union all
    select distinct 'employment_monthly', year(month), person_key from core_employment_monthly semi join participant using (person_key)
    union all
    select distinct 'education', year, person_key from core_education semi join participant using (person_key)
    union all
    select distinct 'social_assistance', year, person_key from core_social_assistance semi join participant using (person_key)
    union all
    select distinct 'benefit', year, person_key from core_benefit semi join participant using (person_key)
    union all
    select distinct 'language_test', year, person_key from core_language_test semi join participant using (person_key)
),
sought as (
    select
        expected.*,
        coalesce(identified.best_identifier, $no_identifier) as best_identifier,
        linkable_person.person_key is not null as is_linkable,
        record.person_key is not null as has_record
    from expected
    left join identified_person as identified using (person_key)
    left join linkable_person using (person_key)
    left join record using (register, year, person_key)
)
select
    sought.register,
    sought.year,
    sought.bydel,
    sought.best_identifier,
    count(*) as expected,
    count(*) filter (
        sought.has_record or sought.is_linkable or known_by.register is not null
    ) as linkable,
    count(*) filter (sought.has_record) as with_record
from sought
left join known_by using (register, best_identifier)
group by sought.register, sought.year, sought.bydel, sought.best_identifier
order by all
