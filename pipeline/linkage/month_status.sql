-- One row for each participant and month in which any register says something of them.
--
-- Reads    year_status
-- Gives    schemas.linked.MonthStatus, by person_key and month
--
-- The rows come in the order of their key because the years do.
with year_said as (
    select
        *,
        months_in_work | months_in_education | months_in_compulsory_school | months_unemployed_or_measure
        | months_social_assistance | months_on_benefit as months
    from (from year_status order by person_key, year)
),
month_of as (
    select *, unnest(range(1, 13)) as month_number from year_said
)
select
    person_key,
    make_date(year, month_number, 1) as month,
    has_bit(months_in_work, month_number) as in_work,
    has_bit(months_in_education, month_number) as in_education,
    has_bit(months_in_compulsory_school, month_number) as in_compulsory_school,
    has_bit(months_unemployed_or_measure, month_number) as unemployed_or_measure,
    has_bit(months_social_assistance, month_number) as social_assistance,
    has_bit(months_on_benefit, month_number) as on_benefit
from month_of
where has_bit(months, month_number)
