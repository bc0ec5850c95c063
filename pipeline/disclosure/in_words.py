"""What was measured of a table, line by line as a terminal shows it to whoever holds the table.

Counts are exact here: the reader has the rows. What leaves the house is `certificate`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.disclosure.utility.shares import LARGE, SPREADS

if TYPE_CHECKING:
    from pipeline.disclosure.anonymise import Anonymised
    from pipeline.disclosure.attacks.attack import Attack
    from pipeline.disclosure.risk import Kept, Risk
    from pipeline.disclosure.utility.measure import Utility


def cost_in_words(made: Anonymised) -> list[str]:
    """What coarsening cost, from the engine."""
    cost = made.cost
    how = "levels by class, found greedily"
    if made.optimal is not None:
        how = "no other choice of levels loses less"
        if not made.optimal:
            how = f"not shown to be the least; no choice of levels loses less than {made.bound:.4f}"
    out = f"{cost.suppressed / cost.rows:.2%} left out"
    lines = [
        f"rows: {cost.rows - cost.suppressed:,} of {cost.rows:,} ({out})",
        f"loss: {cost.loss:.4f}, where 0 is every detail and 1 none ({how})",
        f"classes: {cost.classes:,}, smallest {cost.smallest_class:,}, mean {cost.mean_class:.1f} rows; "
        f"a row is alike to {cost.discernibility:,.0f} on average",
    ]
    for name, loss in cost.by_attribute.items():
        level = "" if made.levels is None else f", level {made.levels[name]}"
        lines.append(f"{name}: loss {loss:.4f}{level}")
    return lines


def utility_in_words(utility: Utility) -> list[str]:
    """What is left to say, from the released rows."""
    moved, fitted = utility.moved, utility.propensity
    lines = []
    if moved.large:
        lines.append(
            f"shares of outcomes in groups of {LARGE} or more: moved {moved.mean:.4f} on average, "
            f"{moved.most:.4f} at most"
        )
    if moved.small:
        lines.append(
            f"shares in smaller groups: {moved.far} of {moved.small} moved more than {SPREADS} standard "
            "deviations of leaving out at random"
        )
    if not utility.factors:
        lines.append("shares and pMSE: not measurable, for no quasi-identifier is left to compare by")
    elif fitted is not None and fitted.ratio is not None:
        lines.append(f"pMSE: {fitted.pmse:.6f}, {fitted.ratio:.2f} times what a new draw is expected to have")
    if utility.uncompared:
        lines.append(f"too coarse in some rows to be compared: {', '.join(utility.uncompared)}")
    if utility.grouped:
        lines.append(
            "compared by groups, numbers by tenths and otherwise the rarest values together: "
            + ", ".join(utility.grouped)
        )
    return lines


def kept_in_words(kept: Kept | None) -> list[str]:
    """What is passed on as it is, and whom that leaves alone."""
    if kept is None:
        return []
    return [
        f"passed on as they are, and in no other figure here: {', '.join(kept.names)}; to whoever knows them "
        f"too, k: {kept.k}, uniques: {kept.uniques:,}"
    ]


def attack_in_words(tried: Attack) -> str:
    """One attack beside its comparison, exact: for whoever holds the table."""
    about = f" of {tried.about}" if tried.about else ""
    known = f", {', '.join(tried.known)} known" if tried.known else ""
    if not tried.guesses:
        return f"attack {tried.kind.value}{about}{known}: nothing to guess"
    low, high = tried.interval
    return (
        f"attack {tried.kind.value}{about}{known}: {tried.rate:.4f} right ({low:.4f}-{high:.4f}) of "
        f"{tried.guesses:,} guesses, {tried.baseline:.4f} in comparison"
    )


def risk_in_words(measured: Risk) -> list[str]:
    """Classes, attackers, and what classes tell."""
    lines = [
        f"rows: {measured.rows:,} in {measured.classes:,} classes",
        f"k: {measured.k}{' households' if measured.households else ''}",
        f"uniques: {measured.uniques:,} ({measured.uniques / measured.rows:.2%} of the rows)",
        f"prosecutor risk: highest {measured.prosecutor.highest:.4f}, mean {measured.prosecutor.mean:.4f}",
    ]
    if measured.journalist is not None:
        lines.append(
            f"journalist risk: highest {measured.journalist.highest:.4f}, mean {measured.journalist.mean:.4f}"
        )
        lines.append(f"uniques in the population: {measured.population_uniques:,}")
        lines.append(f"marketer risk: {measured.marketer:.4f}")
    else:
        lines.append(
            f"journalist risk: at most {measured.prosecutor.highest:.4f}; give --population to measure it"
        )
        lines.append(f"marketer risk: at most {measured.marketer:.4f}; give --population to measure it")
    for told in measured.told:
        line = f"{told.name}: l = {told.distinct} distinct values, t = {told.furthest:.4f}"
        if told.one_sided is not None:
            line += f", classes with only adverse values: {told.one_sided:,}"
        lines.append(line)
    return [*lines, *kept_in_words(measured.kept)]
