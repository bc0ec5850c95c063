-- Shared by the steps below it, loaded before each of them. Reads nothing.

-- A programme that a move between bydeler split in two: the first part has the status for it, and the
-- next part starts within $days of its end, on either side, because two bydeler register the move on
-- two days. Null where a date is missing: what is not known does not join two programmes.
create temp macro is_continued(status, ended_on, next_started_on, moved, days) as
    status = moved and abs(date_diff('day', ended_on, next_started_on)) <= days;

-- When a person's status began to hold. An undated status holds for the whole of its year.
create temp macro holds_from(status_on, status_year) as
    coalesce(status_on, make_date(status_year, 1, 1));
