"""Who is whom: from what the sources say of numbers to one internal key for each person.

Read in this order: `claims` and `groups` (what is said), `standing` (what of it holds on a record),
`joining` (which records are one person), `resolving` (the rules, and the spine they make), `review` (what
was refused); then `ledger`, `rekeying` and `ledger_file` (the key of each person, night after night),
`succession` (who has become whom) and `best` (by which number somebody can be asked about). What stays out:
who may not be used (`identity.usable`), and any likeness that is no equality.
"""

from pipeline.identity.spine.resolving import (
    COMPONENT,
    COMPONENT_SCHEMA,
    SPINE_SCHEMA,
    Resolved,
    Status,
    StoredSpine,
    no_links,
    resolve,
    spine,
    update_spine,
)

__all__ = [
    "COMPONENT",
    "COMPONENT_SCHEMA",
    "SPINE_SCHEMA",
    "Resolved",
    "Status",
    "StoredSpine",
    "no_links",
    "resolve",
    "spine",
    "update_spine",
]
