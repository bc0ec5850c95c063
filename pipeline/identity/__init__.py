"""Who a row is about: identifiers, the spine that ties them to a person, keys, and who may not be used.

Identifiers and the case system's own numbers come in; only internal keys go out. What stays out: any
guess. What cannot be resolved is kept, counted and reported, never matched by likeness.
"""
