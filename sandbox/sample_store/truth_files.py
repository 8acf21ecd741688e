"""The hidden truth as files, for judges who do not speak Python."""

import json
from pathlib import Path

from sandbox.sample_store.cells import write
from sandbox.sample_store.store import SampleStore


def write_truth(store: SampleStore, folder: Path) -> list[Path]:
    """Write ``truth.json``, ``truth_customers.csv`` and ``truth_orders.csv`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in ("truth.json", "truth_customers.csv", "truth_orders.csv")]
    paths[0].write_text(
        json.dumps(store.truth.to_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    for path, blocks in zip(
        paths[1:], (store.truth.customer_blocks(), store.truth.order_blocks()), strict=True
    ):
        with path.open("wb") as file:
            for number, rows in enumerate(blocks):
                write(rows, file, header=number == 0)
    return paths
