"""Write CDNOW's visits, for each split and for the earlier days that a learner may be taught with."""

import gzip
import sys
from datetime import date
from pathlib import Path

import numpy as np

FILES = {"sample": ("CDNOW_sample.txt.gz", 1, 2, 4, 0), "master": ("CDNOW_master.txt.gz", 0, 1, 3, 1)}
SPLITS = {"sample, 273 days": 273, "master, 273 days": 273, "master, 91 days": 91}
ENDS = date(1997, 9, 30)
TAUGHT_WITH = [date(1997, 5, 15), date(1997, 6, 1), date(1997, 7, 1)]
"""Days whose next 91 end before the holdout begins."""


def read_days(path, whose, when, money, header_lines):
    """Return customer, day and money of each day with a purchase, sorted."""
    with gzip.open(path, "rt") as file:
        rows = [line.split() for line in list(file)[header_lines:]]
    days = {}
    for row in rows:
        text = row[when]
        day = date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal()
        key = (int(row[whose]), day)
        days[key] = days.get(key, 0.0) + float(row[money])
    return np.array([(customer, day, spent) for (customer, day), spent in sorted(days.items())])


def visits_by(days, ends, horizon):
    """Return x, t_x, T, gaps and spend of everybody who had bought by a day, and the visits after it."""
    day = days[:, 1].astype(np.int64)
    known = day <= ends.toordinal()
    customers, first, counts = np.unique(days[known, 0], return_index=True, return_counts=True)
    begun, last = day[known][first], day[known][first + counts - 1]
    gaps = np.diff(day[known], prepend=day[0])
    gaps[first] = 1
    later = (day > ends.toordinal()) & (day <= ends.toordinal() + horizon)
    after = np.zeros(customers.size, dtype=np.int64)
    returned = days[later, 0][np.isin(days[later, 0], customers)]
    np.add.at(after, np.searchsorted(customers, returned), 1)
    return {
        "repeats": counts - 1,
        "last": last - begun,
        "age": ends.toordinal() - begun,
        "log_gaps": np.add.reduceat(np.log(gaps), first),
        "spend": np.add.reduceat(days[known, 2], first) / counts,
        "next_visits": after,
    }


def main(reference, path):
    found = {}
    for split, horizon in SPLITS.items():
        file, *places = FILES[split.split(",")[0]]
        days = read_days(Path(reference) / "data" / "cdnow" / file, *places)
        parts = {split: (ENDS, horizon)}
        if horizon == 91:
            parts |= {f"{split}, taught {number}": (end, 91) for number, end in enumerate(TAUGHT_WITH)}
        for name, (end, length) in parts.items():
            found |= {f"{name}:{key}": values for key, values in visits_by(days, end, length).items()}
    np.savez(path, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
