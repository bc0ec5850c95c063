"""The part of the roof that protects tables and courses: `uttrekk protect-table`, `uttrekk protect-courses`.

Only `cli` imports it. What is printed are counts of cells and events, never a value of anybody's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipeline.disclosure.suppression.order import Order
    from pipeline.disclosure.suppression.protect import Protected
    from pipeline.disclosure.trajectories.control import Controlled
    from pipeline.disclosure.trajectories.rows import Told

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
MOST_KNOWN = 3
ORDER = """\b
The order is YAML:
  tables:                          names of files; all are protected together
    by_bydel: [bydel, outcome]
    by_part: {bydel: 1, sex: 0}    the finest level to tell: 1 is the next in its hierarchy
  hierarchies: {bydel: bydel.csv}  as ARX writes them, beside the order: 01;west;*
                                   needed of a dimension with a rare value: all that can occur
  unit: person                     who must be many; left out: every row is a person
  value: income                    sums of it, whole numbers; left out: counts of rows
  known: known.csv                 cells everybody knows: columns of dimensions, blank is the total
  least: 5                         fewer are hidden; 5 or more
  largest: 2                       of sums: the 2 largest may have at most
  dominance: 85                    85 % of one, and nobody may know
  p: 10                            another's share within 10 %; more can be asked for, not less
  rounded: false                   true: nothing is hidden, counts are rounded so that they add up

\b
Example, to paste:
  printf 'bydel;sex;outcome\\n' > persons.csv
  for n in 1 2 3 4 5 6 7 8 9; do for b in 01 02 03; do
    printf "$b;f;work\\n$b;f;other\\n$b;m;work\\n" >> persons.csv; done; done
  printf '01;m;other\\n02;m;other\\n' >> persons.csv
  printf 'tables:\\n  by_bydel: [bydel, outcome]\\n  by_sex: [sex, outcome]\\n' > order.yaml
  uttrekk protect-table persons.csv --order order.yaml --out tables
  cat tables/by_bydel.csv
"""
COURSES = """\b
Example, to paste:
  printf 'who;day;what;start;home\\n' > events.csv
  for n in 1 2 3 4 5 6 7 8 9; do
    printf "$n;2020-0$n-15;course;2020-01-10;\\n$n;2021-0$n-20;work;2020-01-10;\\n" >> events.csv; done
  uttrekk protect-courses events.csv --person who --date day --event what --start start \\
    --household home -k 5 -m 2 --out courses.csv
  cat courses.csv
"""


@click.command("protect-table", epilog=ORDER)
@click.argument("table", metavar="FILE", type=FILE)
@click.option("--order", "order_file", metavar="YAML", required=True, type=FILE, help="Which tables to make.")
@click.option(
    "--out",
    metavar="FOLDER",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="What to make: a file for each table.",
)
def protect_table(table: Path, order_file: Path, out: Path) -> None:
    """Make tables of counts or sums of the rows of a CSV or Parquet file that can leave the house.

    What fewer than five stand behind is hidden, zeros too, and so is a sum that one or two make up; then so
    much more is hidden that nobody can work it out from the totals or from another table of the order. The
    tables are CSV, and Parquet too where FILE is: a column for each dimension (blank: the total), `shown`
    (rounded to 5) and `marker` (shown or suppressed). Before they are put in place they are attacked as
    written; where a hidden figure can be narrowed, nothing is written. Not known to this command: tables
    published before. Name their cells as known.
    """
    from pipeline.disclosure.files import CSV, PARQUET, read_table
    from pipeline.disclosure.suppression import order
    from pipeline.disclosure.table_files import refuse_folder, write_tables
    from pipeline.disclosure.verify_tables.verify import verify

    asked = order.load(order_file)
    suffixes = [CSV[0], *([PARQUET[0]] if table.suffix.lower() in PARQUET else [])]
    refuse_folder(out, list(asked.tables), suffixes)
    done = order.made(read_table(table), asked, order_file.parent)
    must_hold = order.asked(asked, order_file.parent)
    write_tables(out, done.tables, suffixes, lambda written: verify(table, written, must_hold))
    for line in _told_of_tables(asked, done):
        click.echo(line)
    click.echo(f"Next: read {out / next(iter(asked.tables))}{CSV[0]}")


def _told_of_tables(asked: Order, done: Protected) -> list[str]:
    from pipeline.disclosure.tables import BASE

    made = f"{len(done.tables)} tables" if len(done.tables) > 1 else "1 table"
    if asked.rounded:
        return [
            f"{made}, {done.cells:,} cells: none hidden, all rounded to {BASE}, and every sum holds.",
            "  Attacked as written: of every small count at least 5 counts remain possible.",
        ]
    hidden = f"{done.hidden:,} hidden ({done.hidden / done.cells:.1%})"
    best = "no cheaper way of hiding exists: proven." if done.best else "a cheaper way of hiding may exist."
    return [
        f"{made}, {done.cells:,} cells, {hidden}; {best}",
        "  Attacked as written: no sensitive figure can be narrowed within its protection.",
        f"  Shown figures are rounded to {BASE}, so their sums may be off.",
    ]


@click.command("protect-courses", epilog=COURSES)
@click.argument("table", metavar="FILE", type=FILE)
@click.option("--person", "person", metavar="COLUMN", required=True, help="Whose event it is.")
@click.option("--date", "day", metavar="COLUMN", required=True, help="Its day, as 2025-03-01.")
@click.option("--event", metavar="COLUMN", required=True, help="What happened.")
@click.option("--start", metavar="COLUMN", help="The day the person's time starts; default: the first event.")
@click.option("--household", metavar="COLUMN", help="Who lives together; blank, and default: alone.")
@click.option("--hierarchy", metavar="CSV", type=FILE, help="Coarser events, as ARX writes them: job;work;*")
@click.option("-k", default=5, show_default=True, type=click.IntRange(2), help="So many households share.")
@click.option(
    "-m", default=2, show_default=True, type=click.IntRange(1, MOST_KNOWN), help="So many events are known."
)
@click.option(
    "--suppression",
    default=0.05,
    show_default=True,
    type=click.FloatRange(0, 1, max_open=True),
    help="At most this share of the events is left out.",
)
@click.option(
    "--out",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="What to write.",
)
def protect_courses(
    table: Path,
    out: Path,
    k: int,
    m: int,
    suppression: float,
    hierarchy: Path | None,
    **named: str | None,
) -> None:
    """Coarsen the times of events until whoever knows a few of a person's finds several households.

    FILE is a CSV or Parquet table with a row for each event of a person on a day. Days become months,
    quarters or years since the person's start, the finest at which every combination of M events is shared by
    persons of K households; then events become coarser along a hierarchy, if there is one. What is still rare
    is left out. Persons become courses, numbered by what they hold. What is written is measured again, and
    nothing is put in place where the target is missed or too much would be left out. An attacker who knows
    that something did not happen is not provided for.
    """
    from pipeline.disclosure.files import read_hierarchy, read_table, write_table
    from pipeline.disclosure.table_files import refuse_overwriting
    from pipeline.disclosure.trajectories.control import Target, controlled
    from pipeline.disclosure.trajectories.rows import Named, events_of, told_by
    from pipeline.disclosure.verify_courses import Asked, verify

    refuse_overwriting(out, [table, *([hierarchy] if hierarchy else [])])
    columns = Named(**{name: column for name, column in named.items() if column is not None})
    events = events_of(read_table(table), columns)
    levels = read_hierarchy(hierarchy, columns.event) if hierarchy else None
    done = controlled(events, Target(k, m, suppression), hierarchy=levels)
    told = told_by(done)
    must_hold = Asked(
        **vars(columns),
        k=k,
        m=m,
        suppression=str(suppression),
        step=told.time,
        level=done.level,
        hierarchy=hierarchy,
    )
    write_table(out, told.rows, check=lambda staged: verify(table, staged, told.whose, must_hold))
    for line in _told_of_courses(told, done, events.n_unique("person"), k, m):
        click.echo(line)
    click.echo(f"Next: read {out}")


def _told_of_courses(told: Told, done: Controlled, persons: int, k: int, m: int) -> list[str]:
    time = f"the {told.time} since the start" if told.time else "that they happened, not when"
    of = f"{told.whose.height:,} of {persons:,} persons have a course"
    return [
        f"Of events is told {time}"
        + (f", at level {done.level} of their hierarchy" if done.level else "")
        + f"; {done.suppressed:.2%} of them are left out, and {of}.",
        f"  Every combination of at most {m} events is shared by persons of {k} households or more; measured "
        "again in the file as written.",
        "  The rows are still about persons: whether they are anonymous is for a human to decide.",
    ]
