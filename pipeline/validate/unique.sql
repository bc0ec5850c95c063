-- The rows of `candidate` whose primary key is not theirs alone. Where all rows of a key are alike to
-- the last column, the first in stored order is kept and the copies are `repeated`; where they differ,
-- nobody can tell which is right, so all of them break `unique`.
with shared as (
    select {key} from candidate group by all having count(*) > 1
),
clashing as (
    select candidate.*, row({every_column}) as content from candidate semi join shared using ({key})
),
kinds as (
    select {key}, count(distinct content) as different, min(row_number) as first_row
    from clashing
    group by all
)
select row_number, if(different = 1, '{repeated}', '{unique}') as rule
from clashing join kinds using ({key})
where different > 1 or row_number <> first_row
order by row_number
