"""What is filled, by whom and when: measured over core, with the denominator the declarations give.

What does not belong here: rounding, suppression and every word a reader sees (`disclosure`, `pages`). The
figures made here are exact and never leave the process.
"""
