"""The catalogue of faults names tests that exist, and answers every row that concerns this part."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| ([A-Z][0-9]+) \| .+ \| `(.+)::(.+)` \|$",
    (ROOT / "docs/faults.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
WANTED = {
    f"{letter}{number}"
    for letter, last in {"W": 17, "O": 15, "B": 10, "T": 7, "P": 13, "S": 12, "K": 8, "N": 10}.items()
    for number in range(1, last + 1)
}


def test_every_row_has_a_test_that_is_there():
    assert len(ROWS) > 80
    missing = [
        (fault, name)
        for fault, file, name in ROWS
        if not (ROOT / file).is_file() or f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_every_fault_of_this_part_is_answered():
    assert WANTED - {fault for fault, _, _ in ROWS} == set()
