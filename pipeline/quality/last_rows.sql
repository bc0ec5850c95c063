-- For each unit that is looked for, the day of its row dated last (no day is before every day), and the units
-- that have several rows of that day. Only keys and days are read.
create or replace temp table last_day as
select unit, any_value(unit_class) as unit_class, max(dated) as day, count(*) as row_count
from rows
join units using (unit)
group by unit;

create or replace temp table tied as
select unit
from rows
join last_day using (unit)
where row_count > 1 and dated is not distinct from day
group by unit
having count(*) > 1;
