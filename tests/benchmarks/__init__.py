"""How fast each stage is, as a ratio to the least that any program must do with the same data.

`python -m tests.benchmarks` prints one line for each comparison: only ratios taken in one run mean
anything, so a stage and its floor run by turns in one process, and medians are compared. A stage is a
function in `stages.STAGES` that yields comparisons. What does not belong here: assertions about time.
"""
