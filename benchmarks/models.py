"""Purchase models beside lifetimes, scikit-learn and (when asked for) pymc-marketing, on the same data.

    python benchmarks/models.py                            made-up shops of 100,000 and 1 M customers, and CDNOW
    python benchmarks/models.py --customers 10000          a quick look
    python benchmarks/models.py --only visits              one part
    python benchmarks/models.py --with-pymc                pymc-marketing too (an install of 800 MB)

Every side runs in a process of its own, so that its peak memory is its own. The peers are not dependencies of
Kindred and need old libraries, so each has its own virtual environment, made once in .kindred/benchmark-peers.
CDNOW is read from KINDRED_TEST_DATA, and left out where it is not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PEERS = ROOT / ".kindred" / "benchmark-peers"
SIDES = {
    "kindred": "Kindred",
    "sklearn": "scikit-learn",
    "lifetimes": "lifetimes 0.11.3",
    "pymc": "pymc-marketing 0.19.2",
}
INSTALLS = {
    # lifetimes is no longer maintained and asks for an autograd that Python 3.11 cannot import.
    "lifetimes": [
        ["--no-deps", "lifetimes==0.11.3"],
        ["numpy==1.26.*", "scipy==1.13.*", "pandas==2.2.*", "autograd>=1.7", "dill"],
    ],
    "pymc": [["pymc-marketing==0.19.2"]],
}
ENOUGH_ALIKE = 1e-3


def main():
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="kindred-benchmark-") as folder:
        for name, part in PARTS.items():
            if options.only in (None, name):
                part(options, Path(folder))


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--with-pymc", action="store_true")
    default = os.environ.get("KINDRED_TEST_DATA") or ROOT / ".." / "shared" / "reference"
    parser.add_argument("--reference", type=Path, default=Path(default), help="the folder of reference data")
    return parser.parse_args()


def visits(options, folder):
    """Fit and score made-up shops whose customers follow BG/NBD, and compare with what they do next."""
    for customers in options.customers:
        path = folder / f"shop-{customers}.npz"
        run(sys.executable, "models_make_shop.py", str(customers), str(path))
        found = {side: measure(side, "shop", path) for side in ("kindred", "lifetimes", "sklearn")}
        print_timed(f"{customers:,} customers", found)
        refuse_other_parameters(found["kindred"]["parameters"], found["lifetimes"]["parameters"])


def cdnow(options, folder):
    """Say how far each side is off in the holdout of CDNOW."""
    path = folder / "cdnow.npz"
    if not (options.reference / "data" / "cdnow").is_dir():
        print(f"no CDNOW in {options.reference}: left out", file=sys.stderr)
        return
    run(sys.executable, "models_read_cdnow.py", str(options.reference), str(path))
    sides = ["kindred", "lifetimes", "sklearn"] + (["pymc"] if options.with_pymc else [])
    found = {side: measure(side, "cdnow", path) for side in sides}
    for split in ("sample, 273 days", "master, 273 days", "master, 91 days"):
        print(f"\nCDNOW {split}\n")
        print_row("model", ["sum off", "RMSE", "correlation", "fit", "score"])
        print_row("---", ["---"] * 5)
        for side, result in found.items():
            for row in result["holdout"]:
                if row["split"] == split:
                    errors = [f"{row['off']:+.1%}", f"{row['rmse']:.4f}", f"{row['correlation']:.4f}"]
                    times = [f"{row['fit']:.2f} s", f"{row['score']:.3f} s"]
                    print_row(f"{SIDES[side]} {row['model']}", errors + times)


PARTS = {"visits": visits, "cdnow": cdnow}
"""Each is one comparison; it takes the options and a folder for its data, and prints its own table."""


def measure(side, part, path):
    """Run one side alone and return what it reports."""
    print(f"  {SIDES[side]}: {part}", file=sys.stderr)
    return json.loads(run(python_of(side), f"models_in_{side}.py", part, str(path)))


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
        for packages in INSTALLS[side]:
            subprocess.run([str(python), "-m", "pip", "install", "-q", *packages], check=True)
        (home / "installed").touch()
    return python


def print_timed(title, found):
    print(f"\n{title}\n")
    print_row("", [SIDES[side] for side in found])
    print_row("---", ["---"] * len(found))
    for step in dict.fromkeys(step for result in found.values() for step in result["seconds"]):
        cells = [result["seconds"].get(step) for result in found.values()]
        print_row(step, ["-" if cell is None else f"{cell:.3f} s" for cell in cells])
    for name in ("off", "rmse", "correlation"):
        print_row(f"next 90 days: {name}", [f"{result['errors'][name]:.4f}" for result in found.values()])
    print_row("peak memory", [f"{result['peak_mb']:,.0f} MB" for result in found.values()])
    print()
    for step in found["kindred"]["seconds"]:
        if step in found["lifetimes"]["seconds"]:
            wall, processor = (
                found["lifetimes"][kind][step] / max(found["kindred"][kind][step], 1e-9)
                for kind in ("seconds", "processor_seconds")
            )
            print(f"{step}: lifetimes takes {wall:.1f} times as long, {processor:.1f} times the processor.")


def print_row(name, cells):
    print(f"| {name} | {' | '.join(cells)} |")


def refuse_other_parameters(ours, theirs):
    """End the run where two fits of one model to one shop differ in the third digit."""
    for name, value in theirs.items():
        if abs(ours[name] / value - 1) > ENOUGH_ALIKE:
            sys.exit(f"the sides disagree: {ours} and {theirs}")
    print(f"\nParameters, the same on both sides: {ours}")


if __name__ == "__main__":
    main()
