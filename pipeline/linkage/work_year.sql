-- One row for each participant, year and side of the break with a record in the employment register.
--
-- Reads    core_employment_annual, core_employment_monthly, participant (person_key)
-- Gives    schemas.linked.WorkYear, by person_key, year and series
--
-- A job counts with hours AND pay; hours may stand without pay. To 2014 a job gives every month it
-- overlaps in the year of its row; it runs on where its end is missing. From 2015 a row is a month.
-- Only participants are kept, in the one pass over the registers; a record without a month in work is one.
with annual as (
    select
        person_key,
        year,
        bit_or(
            case
                when hours_per_week > 0 and pay_kr > 0 then months_in_year(year, started_on, ended_on)
                else 0::ubigint
            end
        ) as months_in_work
    from core_employment_annual
    semi join participant using (person_key)
    group by person_key, year
),
monthly as (
    select
        person_key,
        year(month) as year,
        bit_or(bit_of(hours_per_week > 0 and pay_month_kr > 0, month(month))) as months_in_work
    from core_employment_monthly
    semi join participant using (person_key)
    group by person_key, year(month)
)
select person_key, year, 'annual' as series, months_in_work from annual
union all
select person_key, year, 'monthly', months_in_work from monthly
order by person_key, year, series
