"""Complementary suppression costs no more than that of Tau-Argus, on random tables. Run by `make oracles`.

Tau-Argus takes a cell without anybody for one that cannot occur, and never hides it; we hide it. So the
tables here have no such cell, and both are asked for the same: of a count below the threshold everything
from 0 to the threshold must stay possible.

Its working folder holds true figures and is deleted with the test's. The figures are invented.
"""

import json
import random
import subprocess
from pathlib import Path

from pytauargus.engine import run_batch

ROOT = Path(__file__).parents[2]
OURS = ROOT / ".venv" / "bin" / "python"
RANDOM_TABLES = 40
TOTAL = "T"

METADATA = """\
<SEPARATOR> ";"
<SAFE> "S"
<UNSAFE> "U"
<PROTECT> "P"
row
<RECODABLE>
<TOTCODE> "T"
column
<RECODABLE>
<TOTCODE> "T"
value
<NUMERIC>
<DECIMALS> 0
count
<FREQUENCY>
cost
<NUMERIC> <COST>
<DECIMALS> 0
status
<STATUS>
lower
<NUMERIC> <LOWERPL>
<DECIMALS> 0
upper
<NUMERIC> <UPPERPL>
<DECIMALS> 0
"""


def test_no_table_costs_more_than_that_of_tau_argus(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # its solvers leave files where they run
    chance = random.Random(20261123)
    tables = [random_table(chance) for _ in range(RANDOM_TABLES)]
    ours = by_us(tables)
    threshold = ours["threshold"]
    compared = [
        (cost(table, hidden_by_us(one)), cost(table, by_tau_argus(table, threshold, tmp_path)))
        for table, one in zip(tables, ours["tables"], strict=True)
        if any(n < threshold for line in table for n in line)
    ]
    assert len(compared) > RANDOM_TABLES / 2
    assert all(one["best"] for one in ours["tables"])
    assert all(mine <= theirs for mine, theirs in compared)
    # Were they seldom equal, the two would not have been asked for the same.
    assert sum(mine == theirs for mine, theirs in compared) > 0.9 * len(compared)


# --- the two sides --------------------------------------------------------------------------------------


def by_us(tables):
    done = subprocess.run(
        [OURS, "-m", "tests.oracles.suppress_tables"],
        input=json.dumps(tables),
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def hidden_by_us(one):
    return {(row or TOTAL, column or TOTAL) for row, column in one["hidden"]}


def by_tau_argus(table, threshold, folder):
    """The cells its optimal method hides; the small inner counts are marked as unsafe beforehand."""
    lines = []
    for (row, column), n in cells(table).items():
        unsafe = n < threshold
        needs = (n, threshold - n) if unsafe else (0, 0)
        lines.append(";".join(map(str, (row, column, n, n, n, "U" if unsafe else "S", *needs))))
    (folder / "table.tab").write_text("\n".join(lines) + "\n")
    (folder / "table.rda").write_text(METADATA)
    (folder / "table.arb").write_text(
        '<OPENTABLEDATA> "table.tab"\n<OPENMETADATA> "table.rda"\n'
        '<SPECIFYTABLE> "row""column"|"value"||"cost"\n<SAFETYRULE>\n<READTABLE> 0\n'
        f'<SUPPRESS> OPT(1,5)\n<WRITETABLE> (1,5,SO+AS+,"{folder / "answer.tab"}")\n'
    )
    run_batch(folder / "table.arb")
    answer = [line.replace('"', "").split(";") for line in (folder / "answer.tab").read_text().splitlines()]
    return {(row, column) for row, column, _, _, _, status, *_ in answer if status in ("U", "M")}


# --- tables ---------------------------------------------------------------------------------------------


def random_table(chance):
    rows, columns = chance.randint(3, 7), chance.randint(3, 6)
    return [[chance.randint(1, 30) for _ in range(columns)] for _ in range(rows)]


def cells(table):
    """Every cell and margin, by the names of its row and column."""
    inner = {(str(i), str(j)): n for i, line in enumerate(table) for j, n in enumerate(line)}
    margins = {(str(i), TOTAL): sum(line) for i, line in enumerate(table)}
    margins |= {(TOTAL, str(j)): sum(column) for j, column in enumerate(zip(*table, strict=True))}
    return inner | margins | {(TOTAL, TOTAL): sum(map(sum, table))}


def cost(table, hidden):
    return sum(n for cell, n in cells(table).items() if cell in hidden)
