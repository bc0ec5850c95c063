"""The independent attacker of protected tables: opens what was written, counts again in SQL, and attacks.

It shares no code with what protects tables (`pipeline.disclosure.suppression`). It is told what was ordered,
reads the rows and the tables as written, and refuses them (`verify.verify`) where a figure is wrong, a
sensitive one is shown, or a hidden one can be worked out closer than its rule allows. It tells no value of
anybody's. What does not belong here: how tables are protected, and anything that writes.
"""
