"""Where scheduled files may be written: below ``KINDRED_HOME/exports``, or where the operator says so.

A shop writes to a folder of its own there, so that no shop writes beside another one's files.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from shop_app.errors import InvalidInputError, StartRefusedError

_LONGEST = 200
_state: dict[str, tuple[Path, ...]] = {}


def use(home: Path, listed: Sequence[Path]) -> None:
    """Say at a process' start where files may go; ``listed`` are the operator's own folders."""
    _state["own"], _state["listed"] = (home / "exports",), tuple(listed)


def checked_folder(shop_id: int, shop_stem: str, folder: str) -> Path:
    """Return the whole path of a folder: a name below the shop's own one, or a path in a listed folder.

    Links on the way are followed first: what counts is where the files end up.

    Raises
    ------
    InvalidInputError
        It lies elsewhere.
    """
    text = folder.strip()
    if len(text) > _LONGEST or not text.isprintable():
        raise InvalidInputError(
            f"folder: a folder has a name of at most {_LONGEST} printable characters.", field="folder"
        )
    own, listed = _own_folder(shop_id, shop_stem), _state.get("listed", ())
    wanted = (own / text).resolve()  # a whole path replaces what is in front of it
    if any(wanted.is_relative_to(root.resolve()) for root in (own, *listed)):
        return wanted
    others = f", or of {' or '.join(str(root) for root in listed)}" if listed else ""
    raise InvalidInputError(
        f"folder: files can be written to a folder of {own}{others} only. Give a name such as weekly; the "
        "operator can add folders in KINDRED_EXPORT_FOLDERS.",
        field="folder",
    )


def remove_shop(shop_id: int) -> None:
    """Remove the shop's own folder with all that was written to it."""
    for root in _state.get("own", ()):
        for folder in root.glob(f"*-{shop_id}") if root.is_dir() else ():
            shutil.rmtree(folder, ignore_errors=True)


def make(folder: Path) -> None:
    """Make a folder where there is none; nobody else may look into what is made here."""
    for path in (*reversed(folder.parents), folder):
        path.mkdir(mode=0o700, exist_ok=True)


def _own_folder(shop_id: int, shop_stem: str) -> Path:
    if "own" not in _state:
        raise StartRefusedError("This process was not told where files may be written.")
    return _state["own"][0] / f"{shop_stem}-{shop_id}"
