"""Tables that may leave: which figures are sensitive, what else must be hidden with them, and rounding.

Whoever calls it hands in rows and says which tables are made of them (`protect.frequency`,
`protect.magnitude`, `protect.rounding`). All tables of one call are protected together, as one system of
cells and sums (`cells`); what each sensitive cell needs is worked out by rules (`rules`), and an engine
behind the interface in `problem` finds what to hide.

What is promised, and tested by attacking it: whoever knows every shown figure before it was rounded, all
sums of all tables, and that no figure is negative, cannot narrow a sensitive one further than its rule
allows. What is not promised: that every whole number in between can occur with whole numbers elsewhere (in
tables of three dimensions and more), protection against tables published before or elsewhere (name their
cells as known), nor anything about the figures hidden for others' sake.

What is written is attacked again by `pipeline.disclosure.verify_tables`, which shares no code with this.
The counts on the quality page are protected by `pipeline.disclosure.tables`, which is faster and knows
two dimensions.
"""
