"""All pairs that are bought together, beside mlxtend, the C library fim and a self-join in polars.

    python benchmarks/bundles.py                          1 M orders of 20,000 products, and Groceries
    python benchmarks/bundles.py --orders 100000          a quick look
    python benchmarks/bundles.py --only groceries         one part

Every side runs in a process of its own, so that its peak memory is its own, and reads the same file of orders
and items. The peers are not dependencies of Kindred, so each has its own virtual environment, made once in
.kindred/benchmark-peers (fim is written in C: where there is no wheel it needs a compiler). The run ends where
two sides find other pairs, or other counts. Groceries is read from KINDRED_TEST_DATA, and left out where it is
not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PEERS = ROOT / ".kindred" / "benchmark-peers"
SIDES = {"kindred": "Kindred", "polars": "polars self-join", "fim": "fim 6.28", "mlxtend": "mlxtend 0.25.0"}
INSTALLS = {"fim": ["pyfim==6.28", "numpy"], "mlxtend": ["mlxtend==0.25.0"]}
ENOUGH_ALIKE = 1e-9


def main():
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="kindred-benchmark-") as folder:
        for name, part in PARTS.items():
            if options.only in (None, name):
                part(options, Path(folder))


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--support", type=float, default=0.0001, help="the least share of the orders, 0 to 1")
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--only", choices=PARTS)
    default = os.environ.get("KINDRED_TEST_DATA") or ROOT / ".." / "shared" / "reference"
    parser.add_argument("--reference", type=Path, default=Path(default), help="the folder of reference data")
    return parser.parse_args()


def orders(options, folder):
    """Time all sides on made-up orders with a heavy tail."""
    path = folder / "orders.npz"
    make = (str(options.orders), str(options.products), str(path))
    print(run(sys.executable, "bundles_make_orders.py", *make), file=sys.stderr, end="")
    least_count = max(1, round(options.support * options.orders))
    sides = [side for side in SIDES if side in {"kindred", *options.sides}]
    found = {side: measure(side, "orders", path, least_count) for side in sides}
    for side in found:
        refuse_others(folder, "kindred", side, ("a", "b", "count"))
    print(
        f"\n{options.orders:,} orders, {options.products:,} products, pairs in {least_count} orders or more\n"
    )
    print_timed(found)


def groceries(options, folder):
    """Hold pairs, sets, support, confidence and lift of mlxtend against Kindred's, number by number."""
    source, path = (
        options.reference / "data" / "groceries" / "groceries_baskets.csv.gz",
        folder / "groceries.npz",
    )
    if not source.is_file():
        print(f"no Groceries in {options.reference}: left out", file=sys.stderr)
        return
    lines = np.genfromtxt(source, delimiter=",", skip_header=1, dtype=str, encoding="utf-8")
    basket, item = (np.unique(column, return_inverse=True)[1] for column in lines.T)
    np.savez(path, basket=np.sort(basket), item=item[np.argsort(basket, kind="stable")])
    for side in ("kindred", "mlxtend"):
        measure(side, "groceries", path, 10)
    columns = ("a", "b", "count", "support", "confidence_ab", "confidence_ba", "lift", "sets", "set_support")
    rows = refuse_others(folder, "kindred", "mlxtend", columns)
    print(
        f"\nGroceries, sets in 10 baskets or more: {rows['a']:,} pairs and {rows['sets']:,} sets of up to four,"
    )
    print(f"support, confidence and lift equal to {ENOUGH_ALIKE:g}")


PARTS = {"orders": orders, "groceries": groceries}
"""Each is one comparison; it takes the options and a folder for its data, and prints its own table."""


def measure(side, part, path, least_count):
    """Run one side alone and return what it reports; what it finds is in a file beside the data."""
    print(f"  {SIDES[side]}: {part}", file=sys.stderr)
    arguments = (part, str(path), str(path.parent / f"{side}-found.npz"), str(least_count))
    return json.loads(run(python_of(side), f"bundles_in_{side}.py", *arguments))


def run(python, script, *arguments):
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}"}
    command = [str(python), str(HERE / script), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout


def python_of(side):
    """Return the interpreter of a side; a peer's environment is made when it is first needed."""
    if side not in INSTALLS:
        return sys.executable
    home = PEERS / side
    python = home / "bin" / "python"
    if not (home / "installed").exists():
        print(f"  installing {SIDES[side]} into {home}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *INSTALLS[side]], check=True)
        (home / "installed").touch()
    return python


def refuse_others(folder, ours, theirs, columns):
    """End the run where two sides differ; return how many rows each column has."""
    mine, other = (np.load(folder / f"{side}-found.npz") for side in (ours, theirs))
    for column in columns:
        alike = mine[column].shape == other[column].shape
        if not alike or not np.allclose(mine[column], other[column], rtol=0, atol=ENOUGH_ALIKE):
            sys.exit(f"{SIDES[theirs]} disagrees with {SIDES[ours]}: {column}, {other[column].shape} rows")
    return {column: len(mine[column]) for column in columns}


def print_timed(found):
    print_row("", ["read in", "all pairs", "of processors", "peak memory", "pairs"])
    print_row("---", ["---"] * 5)
    for side, result in found.items():
        steps = [step for step in result["seconds"] if step.startswith("all pairs")]
        for step in steps:
            cells = [
                f"{result['seconds']['read in']:.2f} s",
                f"{result['seconds'][step]:.2f} s",
                f"{result['processor_seconds'][step]:.2f} s",
                f"{result['peak_mb']:,.0f} MB",
                f"{result['pairs']:,}",
            ]
            print_row(f"{SIDES[side]}{step.removeprefix('all pairs')}", cells)
    print()
    ours = found["kindred"]
    for side, result in found.items():
        if side == "kindred":
            continue
        best = min(seconds for step, seconds in result["seconds"].items() if step.startswith("all pairs"))
        print(f"{SIDES[side]} takes {best / ours['seconds']['all pairs']:.1f} times as long.")
    print(f"Kindred, with the evidence of each pair: {ours['seconds']['the evidence of each pair']:.2f} s")
    print(f"Kindred, peak memory with the evidence: {ours['peak_mb_evidence']:,.0f} MB")


def print_row(name, cells):
    print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
