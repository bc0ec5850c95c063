-- One row for each register, year, bydel and best identifier: participants sought, and found.
--
-- Reads    programme_spell, work_year, register_year, known_by, identified_person, linkable_person, residence
--          and, in core: nir_participant, population_status, education, social_assistance, benefit,
--          language_test
-- Takes    $no_bydel, $no_identifier, $running (programme statuses), $registers (their names),
--          $annual and $monthly (the names of the two sides of the employment register)
-- Gives    schemas.linked.MatchRate, by register, year, bydel and best_identifier
--
-- Expected of a register in a year it was delivered for is whoever had begun a programme by the end of the
-- year, but not who was dead or abroad on every day of it; of NIR only who was in one, where a programme
-- whose end nobody registered counts for the year it began, and on while its status says that it runs. A
-- person's bydel is that of the latest programme begun by then. Who is linkable where outcomes are counted is
-- linkable here, and who has a number that this register alone knows; who has a record could be linked,
-- whatever the identifier. Not every participant need have one. The registers a person has a record in are
-- one number, with a bit for each in the order of $registers: persons are counted before they are
-- multiplied by registers.
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
asked as (
    select distinct while_in_programme, year from register_year
),
expected as (
    select
        asked.while_in_programme,
        asked.year,
        spell.person_key,
        max_by(coalesce(spell.bydel, $no_bydel), spell.programme_number) as bydel
    from asked
    join programme_spell as spell
        on year(coalesce(spell.started_on, spell.ended_on)) <= asked.year
        and (
            not asked.while_in_programme
            or coalesce(
                year(spell.ended_on),
                if(list_contains($running, spell.programme_status), 9999, year(spell.started_on))
            ) >= asked.year
        )
    anti join away on away.year = asked.year and away.person_key = spell.person_key
    group by all
),
-- Only participants are kept: who has a record is few, the records many.
participant as (
    select distinct person_key from programme_spell
),
record as (
    select person_key, delivery_year as year, bit_of(true, list_position($registers, $nir)) as register
    from core_nir_participant semi join participant using (person_key)
    union all
    select person_key, year, bit_of(true, list_position($registers, $residents))
    from core_population_status semi join participant using (person_key)
    union all
    select person_key, year, if(series = $annual_series, bit_of(true, list_position($registers, $annual)), bit_of(true, list_position($registers, $monthly)))
    from work_year
    union all
    select person_key, year, bit_of(true, list_position($registers, $education))
    from core_education semi join participant using (person_key)
    union all
    select person_key, year, bit_of(true, list_position($registers, $assistance))
    from core_social_assistance semi join participant using (person_key)
    union all
    select person_key, year, bit_of(true, list_position($registers, $benefit))
    from core_benefit semi join participant using (person_key)
    union all
    select person_key, year, bit_of(true, list_position($registers, $language_test))
    from core_language_test semi join participant using (person_key)
),
found as (
    select person_key, year, bit_or(register) as registers
    from record
    group by person_key, year
),
sought as (
    select
        expected.while_in_programme,
        expected.year,
        expected.bydel,
        coalesce(identified.best_identifier, $no_identifier) as best_identifier,
        linkable_person.person_key is not null as is_linkable,
        coalesce(found.registers, 0) as registers,
        count(*) as persons
    from expected
    left join identified_person as identified using (person_key)
    left join linkable_person using (person_key)
    left join found using (person_key, year)
    group by all
),
sought_in as (
    select
        register_year.register,
        sought.year,
        sought.bydel,
        sought.best_identifier,
        sought.persons,
        has_bit(sought.registers, list_position($registers, register_year.register)) as has_record,
        has_record or sought.is_linkable or known_by.register is not null as can_be_linked
    from register_year
    join sought using (while_in_programme, year)
    left join known_by
        on known_by.register = register_year.register and known_by.best_identifier = sought.best_identifier
)
select
    register,
    year,
    bydel,
    best_identifier,
    sum(persons)::bigint as expected,
    sum(if(can_be_linked, persons, 0))::bigint as linkable,
    sum(if(has_record, persons, 0))::bigint as with_record
from sought_in
group by register, year, bydel, best_identifier
order by all
