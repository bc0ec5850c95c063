-- The row dated last of each unit that has one such row.
select unit_class, columns('^(value|reason):')
from rows
join last_day using (unit)
where (row_count = 1 or dated is not distinct from day) and unit not in (from tied)
