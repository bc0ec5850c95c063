"""Connected components of a graph given as a table of edges: who hangs together, through whatever chain.

Every node takes the lowest label among its neighbours, and then its label's label, until nothing changes:
a few joins over whole columns, the same answer for every order of the edges.
"""

from __future__ import annotations

import polars as pl

EDGES_SCHEMA: dict[str, pl.DataType] = {"a": pl.Int64(), "b": pl.Int64()}


def components(edges: pl.DataFrame) -> pl.DataFrame:
    """(node, component) for every node of an edge, by node; a component is named by its lowest node."""
    both = pl.concat([edges.select("a", "b"), edges.select(a="b", b="a")]).unique()
    labels = both.select(node="a", component="a").unique().sort("node")
    while True:
        lowered = _jump(_lowest_of_neighbours(both, labels))
        if lowered.equals(labels):
            return labels
        labels = lowered


def _lowest_of_neighbours(both: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    neighbours = (
        both.join(labels, left_on="b", right_on="node")
        .group_by(node="a")
        .agg(pl.col("component").min().alias("lowest"))
    )
    return (
        labels.join(neighbours, on="node", how="left")
        .select("node", component=pl.min_horizontal("component", "lowest"))
        .sort("node")
    )


def _jump(labels: pl.DataFrame) -> pl.DataFrame:
    """A label is a node itself, whose own label is as low or lower: long chains halve at every step."""
    further = labels.select(component="node", further="component")
    return labels.join(further, on="component", how="left").select("node", component="further").sort("node")
