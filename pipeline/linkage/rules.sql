-- Shared by the steps below it, loaded before each of them. Reads nothing.

-- A programme that a move between bydeler split in two: the first part has the status for it, and the
-- next part starts within $days of its end, on either side, because two bydeler register the move on
-- two days. Null where a date is missing: what is not known does not join two programmes.
create temp macro is_continued(status, ended_on, next_started_on, moved, days) as
    status = moved and abs(date_diff('day', ended_on, next_started_on)) <= days;

-- When a person's status began to hold. An undated status holds for the whole of its year.
create temp macro holds_from(status_on, status_year) as
    coalesce(status_on, make_date(status_year, 1, 1));

-- The side of the break a month of work is read from.
create temp macro series_of(month, first_monthly_year) as
    case when year(month) < first_monthly_year then 'annual' else 'monthly' end;

-- Why somebody is not counted, the first reason that holds; `not_resident` is null for a resident and
-- where the dead and the emigrated are counted.
create temp macro censoring_of(is_due, is_answerable, not_resident, is_linkable) as
    case
        when not is_due then 'not_due'
        when not is_answerable then 'not_loaded'
        when not_resident is not null then not_resident
        when not is_linkable then 'not_linkable'
        else 'observed'
    end;

-- Months as whole numbers, one apart; and sets of numbers from 0 to 62 as the bits of one.
create temp macro month_index(day) as year(day) * 12 + month(day);
create temp macro bit_of(is_in, number) as
    case when is_in then 1::ubigint << number::ubigint else 0::ubigint end;
create temp macro bits_between(first_number, end_number) as
    (1::ubigint << end_number::ubigint) - (1::ubigint << first_number::ubigint);
create temp macro bits_from(first_number, end_number) as  -- none where the end is not after the first
    bits_between(first_number, greatest(first_number, end_number));
create temp macro has_bit(bits, number) as (bits::ubigint >> number::ubigint) & 1::ubigint = 1;

-- The months of a year (1 is January) as months since something, up to `last_number`: `january` is the
-- year's January, -11 to `last_number`.
create temp macro months_since(months, january, last_number) as
    case
        when january > 0
            then (months::ubigint & bits_between(0, least(13, last_number - january + 2)))
                << greatest(january - 1, 0)::ubigint
        else months::ubigint >> greatest(1 - january, 0)::ubigint
    end;

-- The months that a period overlaps in one year, as bits: 1 is January, 12 December; a period without an
-- end goes on.
create temp macro months_in_year(in_year, started_on, ended_on) as
    case
        when ended_on < started_on then 0::ubigint
        else bits_from(
            least(13, greatest(1, (year(started_on) - in_year) * 12 + month(started_on))),
            least(12, (year(ended_on) - in_year) * 12 + month(ended_on)) + 1
        )
    end;

-- The flags of a month as one number, from 0 to 63.
create temp macro flags_number(work, education, compulsory_school, unemployed, assistance, benefit) as
    work::tinyint
    + 2 * education::tinyint
    + 4 * compulsory_school::tinyint
    + 8 * unemployed::tinyint
    + 16 * assistance::tinyint
    + 32 * benefit::tinyint;
