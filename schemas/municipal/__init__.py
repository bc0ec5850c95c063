"""Sources that carry municipalities and years, never a person: none is read yet.

Anonymous surveys (KS) and cost figures can be joined by municipality and year only; a table here may
not declare a key to a person, and a test walks `MUNICIPAL` to hold that.
"""

from schemas.variable import Table

MUNICIPAL: tuple[type[Table], ...] = ()

__all__ = ["MUNICIPAL"]
