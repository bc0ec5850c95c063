"""Doors in: the case system's database, and the folder where registers deliver.

What comes in here is read, never judged: rules on values belong to `validate`. Nothing here writes.
"""
