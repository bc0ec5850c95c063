"""Which days have a name: the years 1 to 9999, all that Python and SQL's literals can tell.

Databases and typed files hold more: `infinity`, the year 290000. Polars carries such a day as a number, but
panics when it has to write it out, past every `except Exception`; so it must be found before that.
"""

from __future__ import annotations

from datetime import date

import polars as pl

_EPOCH = date(1970, 1, 1)
_FIRST, _LAST = ((day - _EPOCH).days for day in (date.min, date.max))


_TICKS = {"ms": 10**3, "us": 10**6, "ns": 10**9}  # a second's
_MOST = 2**63 - 1


def is_day(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Whether a Date, or the day of a Datetime, has a name; null where it is null."""
    ticks = 86_400 * _TICKS[dtype.time_unit] if isinstance(dtype, pl.Datetime) else 1
    first, last = max(_FIRST * ticks, -_MOST), min((_LAST + 1) * ticks - 1, _MOST)
    return value.to_physical().is_between(first, last)
