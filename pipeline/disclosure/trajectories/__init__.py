"""What a person's course through the years gives away, counted in households.

An attacker knows some events of a person: a course, a test, a job, and about when. `uniqueness` measures
how many persons a few such events single out, `control` coarsens time and events until every combination
of so many is shared by several households, and `rows` reads events from a table and writes courses. Not
covered: an attacker who knows that something did *not* happen. Knows nothing of our schemas: whoever calls
it says what an event is.
"""
