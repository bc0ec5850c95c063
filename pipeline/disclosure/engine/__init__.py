"""The coarsening engine: a table of distinct combinations, hierarchies as integers, two ways of searching.

It knows nothing of our schemas, of files or of Dagster: whoever calls it hands in a frame, hierarchies and
targets (`encode.encode`), has a recoding found (`lattice.search`, `local.refine`), and applies it to the
rows (`recode.apply`). Rows are read when the problem is encoded and when the recoding is applied, never in
between.
"""
