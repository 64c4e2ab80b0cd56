"""The figures as text: a block for each row as it is done, then one table for each question."""

from . import ROWS
from .columns import COMPILED, EAGER, PEERS, TUNED, YARDSTICK

LARGEST_CACHE = 32 * 2**20  # bytes: beyond, the way from memory bounds the time
OF_MEMCPY = 1.3
OF_JAX_START = 0.5
WARM_START = 0.3  # seconds


def print_row(row):
    """All that was measured of one row."""
    heads = f"{'min us':>12s}{'median us':>12s}{'first step s':>14s}{'peak MiB':>10s}"
    print(f"\n{row['row']:28s}{heads}")
    for column, r in row["columns"].items():
        print(f"  {column:26s}" + (r["missing"] if "missing" in r else cells(r)))
    for column, how_far in row["different"].items():
        print(f"  {column} DIFFERS: its first results are {how_far:.1e} off")
    print(end="", flush=True)


def cells(r):
    """Time, start and memory of one column."""
    text = f"{r['minimum'] * 1e6:12.1f}{r['median'] * 1e6:12.1f}"
    if "first" in r:
        text += f"{r['first']:14.3f}{r['peak'] / 2**20:10.1f}"
    if r.get("warm"):
        text += f"   warm {r['warm']:.3f} s, {r['warm peak'] / 2**20:.1f} MiB"
    return text


def print_tables(rows):
    """One table for each question of the issue, each target beside its figure."""
    print("\nTime per step over the best of the peers, of minima / of medians")
    table(rows, [*EAGER, *COMPILED], time_ratio, time_target)
    print("\nTime per step over torch with options set by hand (no target), of minima / of medians")
    tuned = [row for row in rows if ROWS[row["row"]].tuned]
    table(tuned, [*PEERS, *EAGER, *COMPILED], tuned_ratio, no_target)
    print("\nTime per step over memcpy of the same bytes, of minima / of medians")
    bound = [row for row in rows if YARDSTICK in row["columns"]]
    table(bound, [*PEERS, *EAGER, *COMPILED], memcpy_ratio, memcpy_target)
    print("\noop over torch eager, of minima / of medians")
    eager = [row for row in rows if ROWS[row["row"]].eager]
    table(eager, ["oop"], eager_ratio, eager_target, judge="oop")
    print("\nFirst step over jax's, both cold")
    table(rows, COMPILED, first_ratio, lambda row: OF_JAX_START)
    print("\nSeconds from the imports to the end of the first step, on a warm disk cache")
    table(rows, [*PEERS, *COMPILED], warm_start, lambda row: WARM_START)
    print("\nPeak memory above the imports over the least of the peers")
    table(rows, [*EAGER, *COMPILED], peak_ratio, lambda row: 1.0)
    print("\nThe same, both on a warm disk cache")
    table(rows, COMPILED, warm_peak_ratio, lambda row: 1.0)


def table(rows, columns, figure, target, judge=None):
    """One line per row: figure(row, column), a tuple or None; the target, and whether it is met.

    judge: the column that must meet it; by default the fastest compiled one.
    """
    print(f"{'':28s}" + "".join(f"{c:>16s}" for c in columns) + f"{'target':>10s}")
    for row in rows:
        found = {column: figure(row, column) for column in columns}
        shown = [" / ".join(f"{v:.2f}" for v in found[c] or ()) or "-" for c in columns]
        aim = target(row)
        judged = found.get(judge or fastest(row))
        line = f"{row['row']:28s}" + "".join(f"{text:>16s}" for text in shown)
        if aim is not None:
            line += f"{aim:10.2f}  {verdict(judged, aim)}"
        print(line)


def fastest(row):
    """The compiled column with the least median: it alone must meet all targets of its row."""
    there = [c for c in COMPILED if of(row, c, "median") is not None]
    return min(there, key=lambda c: of(row, c, "median")) if there else None


def verdict(figures, aim):
    """met, MISSED or not yet: by all figures."""
    if not figures:
        return "not yet"
    return "met" if max(figures) <= aim else "MISSED"


def of(row, column, key):
    """A figure of one column, or None where it has none."""
    return row["columns"].get(column, {}).get(key)


def over(row, column, others, key):
    """The column's figure over the least of the others'; None where one is missing."""
    mine = of(row, column, key)
    theirs = [v for v in (of(row, other, key) for other in others) if v is not None]
    return mine / min(theirs) if mine is not None and theirs else None


def times(row, column, others):
    """The ratios of the minima and of the medians."""
    found = tuple(over(row, column, others, key) for key in ("minimum", "median"))
    return None if None in found else found


def time_ratio(row, column):
    return times(row, column, PEERS)


def memcpy_ratio(row, column):
    return times(row, column, [YARDSTICK])


def tuned_ratio(row, column):
    return times(row, column, TUNED)


def eager_ratio(row, column):
    return times(row, column, ["torch"])


def first_ratio(row, column):
    found = over(row, column, ["jax.jit"], "first")
    return found and (found,)


def warm_start(row, column):
    found = of(row, column, "warm")
    return found and (found,)


def peak_ratio(row, column):
    found = over(row, column, PEERS, "peak")
    return found and (found,)


def warm_peak_ratio(row, column):
    found = over(row, column, PEERS, "warm peak")
    return found and (found,)


def no_target(row):
    return None


def time_target(row):
    return ROWS[row["row"]].target


def memcpy_target(row):
    return OF_MEMCPY if ROWS[row["row"]].traffic > LARGEST_CACHE else None


def eager_target(row):
    return ROWS[row["row"]].eager
