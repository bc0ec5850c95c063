"""The only door to keys: what a key is, where it lies, who may have one, and the pseudonyms it makes.

`keyring` holds keys in memory and makes pseudonyms, `records` is what is written of them, `files` the only
place that reads or writes them, `care` what an operator does to them on purpose. What stays out: whose
pseudonyms a release may hold (`identity.usable`).
"""

from pipeline.identity.keys.keyring import (
    PROJECT_PATTERN,
    Keys,
    ProjectKey,
    check_key_fits,
    create_master,
    pseudonyms,
)

__all__ = ["PROJECT_PATTERN", "Keys", "ProjectKey", "check_key_fits", "create_master", "pseudonyms"]
