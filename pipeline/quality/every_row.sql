-- Every row of the units that are looked for, in the year that dates it.
select unit_class, year(dated)::integer as year, columns('^(value|says):')
from rows
join units using (unit)
