"""Everything measured of what a release has left to say, in one call."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from pipeline.disclosure.engine.hierarchy import Hierarchy, spelt
from pipeline.disclosure.engine.targets import Sensitive
from pipeline.disclosure.utility.coding import Alike, alike
from pipeline.disclosure.utility.detail import Detail, detail
from pipeline.disclosure.utility.propensity import Propensity, propensity
from pipeline.disclosure.utility.regression import changes
from pipeline.disclosure.utility.shares import Moved, moved, shares


@dataclass(frozen=True)
class Utility:
    """What is left: `shares` and `coefficients` are those of the functions of that name, one below the other.

    `shares` has `by` and `group` in place of the groups' columns. What is compared are the `factors`; a
    quasi-identifier that says the same of everybody, or cannot be brought to one coding, is `uncompared`.
    `grouped` are the columns of so many values that groups of them are compared (`bounded`). `propensity` is
    None where nothing can be compared.
    """

    detail: Detail
    shares: pl.DataFrame
    moved: Moved
    coefficients: pl.DataFrame
    propensity: Propensity | None
    factors: tuple[str, ...]
    uncompared: tuple[str, ...]
    grouped: tuple[str, ...] = ()


def measure(
    before: pl.DataFrame,
    after: pl.DataFrame,
    quasi: Sequence[str],
    sensitive: Sequence[Sensitive],
    *,
    hierarchies: Mapping[str, Hierarchy],
    k: int,
    blanks: Collection[str] = (),
    groups: Sequence[str] | None = None,
    levels: Mapping[str, Sequence[int]] | None = None,
) -> Utility:
    """The utility of `after`, the released rows of `before`.

    Shares of every sensitive column's values by each of `groups` (quasi-identifiers; every one where None is
    given). Coefficients of each sensitive column being adverse, or the commonest where no value is adverse,
    on all factors. pMSE on the factors and the sensitive columns. `levels` are those that released rows have,
    by quasi-identifier, where they are known (`Anonymised.stand_at`). RequestRefused where `after` was not
    made from `before`.
    """
    numbers = _numbered(quasi, sensitive)
    found = _measure(
        _renamed(before, numbers),
        _renamed(after, numbers),
        [numbers[name] for name in quasi],
        [replace(rule, name=numbers[rule.name]) for rule in sensitive],
        {numbers[name]: above for name, above in hierarchies.items() if name in numbers},
        k,
        blanks,
        {numbers[name] for name in (quasi if groups is None else groups) if name in numbers},
        {numbers[name]: at for name, at in (levels or {}).items() if name in numbers},
    )
    return _named(found, {number: name for name, number in numbers.items()})


def _numbered(quasi: Sequence[str], sensitive: Sequence[Sensitive]) -> dict[str, str]:
    """A number for each column, so that no name of the table's can clash with ours."""
    names = dict.fromkeys([*quasi, *(rule.name for rule in sensitive)])
    return {name: str(at) for at, name in enumerate(names)}


def _renamed(frame: pl.DataFrame, numbers: Mapping[str, str]) -> pl.DataFrame:
    return pl.DataFrame([frame[name].alias(number) for name, number in numbers.items()])


def _named(found: Utility, names: Mapping[str, str]) -> Utility:
    """What was measured of numbered columns, by the table's own names."""
    models = found.coefficients
    return replace(
        found,
        detail=replace(
            found.detail, by_column={names[at]: lost for at, lost in found.detail.by_column.items()}
        ),
        shares=found.shares.with_columns(_back(["by", "outcome"], names)),
        coefficients=models.with_columns(_back(["factor", "outcome"], names)) if models.width else models,
        factors=tuple(names[at] for at in found.factors),
        uncompared=tuple(names[at] for at in found.uncompared),
        grouped=tuple(names[at] for at in found.grouped),
    )


def _back(columns: Sequence[str], names: Mapping[str, str]) -> pl.Expr:
    return pl.col(columns).replace(list(names), list(names.values()))


def _measure(
    before: pl.DataFrame,
    after: pl.DataFrame,
    quasi: Sequence[str],
    sensitive: Sequence[Sensitive],
    hierarchies: Mapping[str, Hierarchy],
    k: int,
    blanks: Collection[str],
    groups: Collection[str],
    levels: Mapping[str, Sequence[int]],
) -> Utility:
    names = [rule.name for rule in sensitive]
    told = alike(before, after, quasi, names, hierarchies, levels=levels, blanks=blanks)
    moves = [
        shares(told.before, told.after, [name], outcome, blanks).select(
            pl.lit(name).alias("by"), pl.col(name).alias("group"), pl.exclude(name)
        )
        for name in told.factors
        if name in groups
        for outcome in names
    ]
    by_share = pl.concat(moves) if moves else pl.DataFrame(schema=_empty())
    models = [
        _model(told, rule, (before[rule.name], after[rule.name]), blanks)
        for rule in sensitive
        if told.factors
    ]
    compared = [*told.factors, *names]
    return Utility(
        detail=detail(before, after, quasi, hierarchies, k, told.levels),
        shares=by_share,
        moved=moved(by_share),
        coefficients=pl.concat(models) if models else pl.DataFrame(),
        propensity=propensity(told.before, told.after, compared) if compared else None,
        factors=told.factors,
        uncompared=told.uncompared,
        grouped=told.grouped,
    )


def _model(
    told: Alike, rule: Sensitive, whole: tuple[pl.Series, pl.Series], blanks: Collection[str]
) -> pl.DataFrame:
    """The model of a sensitive column, whose values are `whole` before and after: adverse ones stay apart."""
    sides = [told.before, told.after]
    if rule.adverse:
        pairs = zip(sides, whole, strict=True)
        sides = [frame.with_columns(spelt(column).alias(rule.name)) for frame, column in pairs]
    registered = pl.col(rule.name).is_not_null() & ~pl.col(rule.name).is_in([*blanks, ""])
    before, after = (frame.filter(registered) for frame in sides)
    counts = before[rule.name].value_counts(name="n").sort(["n", rule.name], descending=[True, False])
    values = sorted(rule.adverse) or counts[rule.name].head(1).to_list()
    outcome = pl.lit(rule.name).alias("outcome")
    return changes(before, after, told.factors, rule.name, values).select(outcome, pl.all())


def _empty() -> dict[str, type[pl.DataType]]:
    texts = dict.fromkeys(["by", "outcome"], pl.String)
    return {**texts, "n_before": pl.Int64, "n_after": pl.Int64, "change": pl.Float64, "spread": pl.Float64}
