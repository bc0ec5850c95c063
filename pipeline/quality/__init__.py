"""What is filled, by whom and when: measured over core, with the denominator the declarations give.

What stewards decide about it, what each bydel has to correct, what changed between nights, and what of all
this may be seen stand here too. The figures measured here are exact and never leave the process: only what
`export` makes of protected ones does, and the worklists never leave `restricted`. What does not belong here:
rounding, suppression and every word a reader sees (`disclosure`, `pages`).
"""
