-- One row for each exit year and outcome: numerator, denominator and what was left out, by reason.
--
-- Reads    outcome
-- Gives    schemas.linked.OutcomeSummary, by exit_year and outcome
--
-- The denominator and the reasons add up to the year's cohort.
select
    exit_year,
    outcome,
    count(*) filter (in_numerator) as numerator,
    count(*) filter (in_denominator) as denominator,
    count(*) filter (censoring = 'dead') as dead,
    count(*) filter (censoring = 'emigrated') as emigrated,
    count(*) filter (censoring = 'not_due') as not_due,
    count(*) filter (censoring = 'not_loaded') as not_loaded,
    count(*) filter (censoring = 'not_linkable') as not_linkable
from outcome
group by exit_year, outcome
order by exit_year, outcome
