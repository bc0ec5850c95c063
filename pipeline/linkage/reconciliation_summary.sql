-- One row for each difference, year and bydel that has any.
--
-- Reads    reconciliation
-- Takes    $no_year, $no_bydel
-- Gives    schemas.linked.ReconciliationSummary, by kind, year and bydel
select
    kind,
    coalesce(year, $no_year) as year,
    coalesce(bydel, $no_bydel) as bydel,
    count(*) as programmes
from reconciliation
group by all
order by all
