"""The manual of how programmes, cohorts, months of work and outcomes are made.

Each example is a table in and a table out: specification, test and documentation at once. `README.md`
beside this file is written from them with `python -m tests.spec`. What does not belong here: corner
cases nobody would read about (`tests/unit`) and laws (`tests/property`).
"""
