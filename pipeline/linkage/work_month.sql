-- One row for each participant and month in work, whichever side of the 2015 break says so.
--
-- Reads    core_employment_annual, core_employment_monthly, programme_spell
-- Takes    $first_monthly_year (the first year of the register by month)
-- Gives    schemas.linked.WorkMonth, by person_key and month
--
-- A job counts with hours AND pay; hours may stand without pay. To 2014 a job gives every month it
-- overlaps in the year of its row; it runs on where its end is missing. From 2015 a row is a month.
-- Only participants are kept, in the one pass over the registers.
with participant as (
    select distinct person_key from programme_spell
),
annual as (
    select
        person_key,
        year,
        unnest(months_in_year(year, started_on, ended_on)) as month_number
    from core_employment_annual
    semi join participant using (person_key)
    where hours_per_week > 0 and pay_kr > 0
),
in_work as (
    select person_key, make_date(year, month_number, 1) as month from annual
    union all
    select person_key, date_trunc('month', month)::date as month
    from core_employment_monthly
    semi join participant using (person_key)
    where hours_per_week > 0 and pay_month_kr > 0
),
month_in_work as (
    select distinct person_key, month from in_work
)
select person_key, month, series_of(month, $first_monthly_year) as series
from month_in_work
order by person_key, month
