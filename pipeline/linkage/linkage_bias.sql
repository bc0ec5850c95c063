-- One row for each category of sex, age and world region: are those who cannot be linked like the others?
--
-- Reads    programme_spell, core_person, linkable_person, region_of_country, age_band
-- Takes    $no_sex, $no_age, $no_region, $z (of the normal distribution, for the wanted confidence)
-- Gives    schemas.linked.LinkageBias, by characteristic and category
--
-- Everybody who has begun a programme is linkable or not, as where outcomes are counted. Age is whole years on
-- the day of the first start. Newcombe's hybrid score interval (1998, method 10): from Wilson's interval of
-- each share, never outside -1 and 1, and good for few persons too.
with participant as (
    select person_key, min(coalesce(started_on, ended_on)) as began_on
    from programme_spell
    group by person_key
),
described as (
    select
        participant.person_key,
        linkable_person.person_key is not null as is_linkable,
        coalesce(person.sex, $no_sex) as sex,
        coalesce(region_of_country.world_region, $no_region) as world_region,
        date_sub('year', person.birth_date, participant.began_on) as age
    from participant
    left join core_person as person using (person_key)
    left join linkable_person using (person_key)
    left join region_of_country on region_of_country.country = person.country_of_birth
),
banded as (
    select described.*, coalesce(age_band.code, $no_age) as age_band
    from described
    asof left join age_band on described.age >= age_band.lowest
),
counted as (
    select
        characteristic,
        category,
        count(*) filter (is_linkable) as linkable,
        count(*) filter (not is_linkable) as not_linkable
    from (
        unpivot (select is_linkable, sex, age_band, world_region from banded)
        on sex, age_band, world_region
        into name characteristic value category
    )
    group by characteristic, category
),
shares as (
    select
        counted.*,
        sum(linkable) over whole as n,
        sum(not_linkable) over whole as m,
        linkable / nullif(n, 0) as p,
        not_linkable / nullif(m, 0) as q
    from counted
    window whole as (partition by characteristic)
),
wilson as (
    select
        shares.*,
        (2 * linkable + $z ** 2 - $z * sqrt($z ** 2 + 4 * linkable * (1 - p))) / (2 * (n + $z ** 2)) as p_low,
        (2 * linkable + $z ** 2 + $z * sqrt($z ** 2 + 4 * linkable * (1 - p))) / (2 * (n + $z ** 2)) as p_high,
        (2 * not_linkable + $z ** 2 - $z * sqrt($z ** 2 + 4 * not_linkable * (1 - q))) / (2 * (m + $z ** 2))
            as q_low,
        (2 * not_linkable + $z ** 2 + $z * sqrt($z ** 2 + 4 * not_linkable * (1 - q))) / (2 * (m + $z ** 2))
            as q_high
    from shares
)
select
    characteristic,
    category,
    linkable,
    not_linkable,
    p as share_linkable,
    q as share_not_linkable,
    p - q as difference,
    -- greatest and least pass over a null: where one share is of nobody, there is no interval.
    if(p - q is null, null, greatest(-1, p - q - sqrt((p - p_low) ** 2 + (q_high - q) ** 2))) as low,
    if(p - q is null, null, least(1, p - q + sqrt((p_high - p) ** 2 + (q - q_low) ** 2))) as high
from wilson
order by characteristic, category
