-- Every row that belongs to a unit, in the order they are stored in.
select unit, columns('^(value|reason):')
from rows
where unit is not null
