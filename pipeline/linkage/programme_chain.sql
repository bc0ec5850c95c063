-- One row for each programme, with the chain of programmes that moves between bydeler made of one.
--
-- Reads    programme_spell
-- Takes    $moved (programme status), $days
-- Gives    schemas.linked.ProgrammeChain, by programme_key
--
-- A programme that continues several goes on with the latest of them. Where two programmes continue one,
-- both are of its chain, and the later is its last.
with recursive link as (
    select later.programme_key, max_by(earlier.programme_key, earlier.programme_number) as continued_key
    from programme_spell as earlier
    join programme_spell as later
        on later.person_key = earlier.person_key
        and later.programme_number > earlier.programme_number
    where is_continued(earlier.programme_status, earlier.ended_on, later.started_on, $moved, $days)
    group by later.programme_key
),
part(programme_key, first_programme_key) as (
    select programme_key, programme_key
    from programme_spell
    where programme_key not in (select programme_key from link)
    union all
    select link.programme_key, part.first_programme_key
    from part
    join link on link.continued_key = part.programme_key
),
chain as (
    select
        part.first_programme_key,
        any_value(spell.person_key) as person_key,
        min(spell.programme_number) as first_number,
        max_by(spell.programme_key, spell.programme_number) as last_programme_key
    from part
    join programme_spell as spell using (programme_key)
    group by part.first_programme_key
)
select
    spell.person_key,
    part.programme_key,
    dense_rank() over (partition by spell.person_key order by chain.first_number) as number,
    chain.first_programme_key,
    chain.last_programme_key,
    beginning.law,
    ending.bydel,
    beginning.started_on as began_on,
    ending.ended_on,
    ending.programme_status
from part
join programme_spell as spell using (programme_key)
join chain using (first_programme_key)
join programme_spell as beginning on beginning.programme_key = chain.first_programme_key
join programme_spell as ending on ending.programme_key = chain.last_programme_key
order by part.programme_key
