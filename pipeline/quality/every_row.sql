-- Every row that belongs to a unit, in the year that dates it.
select unit, year(dated)::integer as year, columns('^(value|reason):')
from rows
where unit is not null
