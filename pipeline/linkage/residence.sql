-- A view for the steps that ask who was resident: the statuses of every person who has ever been dead or
-- emigrated, one for each day a status began. Whoever is not here has always been resident.
--
-- Reads    core_population_status, residence_code (residence, not_resident, precedence)
-- Gives    residence (person_key, began_on, next_on, not_resident); the last one has `infinity` as next_on
--
-- Of two statuses that began the same day the later year's holds, then death, then emigration.
create temp view residence as
with status as (
    select
        population.person_key,
        holds_from(population.status_on, population.year) as began_on,
        population.year,
        residence_code.not_resident,
        residence_code.precedence
    from core_population_status as population
    join residence_code on residence_code.residence = population.residence
),
absent as (
    select distinct person_key from status where not_resident is not null
),
dated as (
    select person_key, began_on, not_resident
    from status
    semi join absent using (person_key)
    qualify row_number() over (
        partition by person_key, began_on order by year desc, precedence desc
    ) = 1
)
select
    person_key,
    began_on,
    lead(began_on, 1, 'infinity'::date) over (partition by person_key order by began_on) as next_on,
    not_resident
from dated;
