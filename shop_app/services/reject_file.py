"""The rows that could not be used, in a table of their own that opens in any spreadsheet."""

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, TextIO

from shop_app.errors import InvalidInputError
from shop_app.services.csv_cells import safe_cell

_HEADER = ("line_number", "field", "value", "reason")


class Rejected(Protocol):
    """One value that could not be used, where it stands and why."""

    @property
    def line_number(self) -> int: ...  # noqa: D102
    @property
    def field(self) -> str: ...  # noqa: D102
    @property
    def value(self) -> str: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102


def default_rejects_path(path: Path) -> Path:
    """Return ``orders.rejects.csv`` in the current directory for ``…/orders.csv.gz``."""
    plain = path.name.removesuffix(".gz")
    return Path(f"{Path(plain).stem or plain}.rejects.csv")


class RejectFile:
    """Written beside its final name, and moved there by :meth:`keep`; there is none without a reject."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._part = path.with_name(path.name + ".part")
        self._file: TextIO | None = None

    def write(self, rejects: Iterable[Rejected]) -> None:
        """Add rows; the file comes into being with the first one."""
        for reject in rejects:
            self.count += 1
            csv.writer(self._opened()).writerow(
                [reject.line_number, *map(safe_cell, (reject.field, reject.value, reject.reason))]
            )

    def keep(self) -> Path | None:
        """Close the file under its name and return that, or ``None`` where nothing was rejected."""
        if self._file is None:
            return None
        self._file.close()
        os.replace(self._part, self.path)  # noqa: PTH105 (Path.replace does the same and reads as text)
        return self.path

    def discard(self) -> None:
        """Leave nothing behind of a file that was not kept."""
        if self._file is not None:
            self._file.close()
            self._part.unlink(missing_ok=True)

    def _opened(self) -> TextIO:
        if self._file is None:
            try:
                self._file = self._part.open("w", encoding="utf-8-sig", newline="")
            except OSError as error:
                raise InvalidInputError(
                    f"--rejects: {self.path} cannot be written ({error.strerror}); name another file.",
                    field="rejects",
                ) from None
            csv.writer(self._file).writerow(_HEADER)
        return self._file
