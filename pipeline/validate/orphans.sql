-- The rows of `candidate` that point to a row the `parent` table does not have. Pointing nowhere (null)
-- is no fault.
select row_number, '{rule}' as rule
from candidate
anti join parent on candidate.{column} = parent.{parent_column}
where candidate.{column} is not null
order by row_number
