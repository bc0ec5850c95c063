-- One row for each participant and month in work, whichever side of the 2015 break says so.
--
-- Reads    work_year
-- Takes    $first_monthly_year (the first year of the register by month)
-- Gives    schemas.linked.WorkMonth, by person_key and month
--
-- The rows come in the order of their key because the years do.
with worked as (
    select person_key, year, bit_or(months_in_work) as months
    from work_year
    group by person_key, year
    having months > 0
    order by person_key, year
),
month_of as (
    select *, unnest(range(1, 13)) as month_number from worked
),
month_in_work as (
    select person_key, make_date(year, month_number, 1) as month
    from month_of
    where has_bit(months, month_number)
)
select person_key, month, series_of(month, $first_monthly_year) as series
from month_in_work
