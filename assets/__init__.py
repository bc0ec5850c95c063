"""WIRING. The only place that knows Dagster: when each function of `pipeline` runs, and on what.

No rule, no number and no reading or writing of data belongs here; a body longer than a few lines is a
function of `pipeline` that has not been written yet.
"""
