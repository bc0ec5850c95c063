-- Of several rows of a unit's last day, the last in the order of all columns, so that reruns agree.
select unit_class, columns('^(value|reason):')
from (
    select distinct on (unit) unit, unit_class, columns('^(value|reason):')
    from rows
    join last_day using (unit)
    where unit in (from tied) and dated is not distinct from day
    order by unit, columns('^value:') desc nulls last
)
