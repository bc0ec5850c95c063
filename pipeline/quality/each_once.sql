-- Whether each row's key is above the one before it, as stored tables are sorted: so no unit has two rows.
select coalesce(bool_and(coalesce(unit > before, place = 1)), true)
from (select unit, lag(unit) over () as before, row_number() over () as place from rows)
