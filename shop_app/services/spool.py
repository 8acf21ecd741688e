"""Where bulk files lie while they are taken in: ``KINDRED_HOME/spool``, for our eyes only, and not for long.

A folder for each part of a backfill. What nobody needs any more, because a process was killed, is removed
when the next worker starts.
"""

import shutil
from pathlib import Path

from shop_app.errors import StartRefusedError
from shop_app.storage import backfills
from shop_app.storage.engine import transaction

_state: list[Path] = []
_NEEDED = ("reading", "taking")


def use(home: Path) -> None:
    """Keep files under this home, from this process' start on."""
    _state[:] = [home / "spool"]


def folder_of(shop_id: int, backfill_id: int, part: str) -> Path:
    """Return the folder of a part's files, made if need be; nobody else may look into it."""
    root = _root()
    folder = root / f"{shop_id}.{backfill_id}.{part}"
    for path in (root, folder):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def empty(shop_id: int, backfill_id: int, part: str) -> None:
    """Remove a part's files."""
    shutil.rmtree(_root() / f"{shop_id}.{backfill_id}.{part}", ignore_errors=True)


def holds(shop_id: int) -> bool:
    """Tell whether files of a shop lie here; a process that was given no home keeps none."""
    return bool(_state) and any(_root().glob(f"{shop_id}.*"))


def empty_shop(shop_id: int) -> None:
    """Remove all files of a shop."""
    for folder in _root().glob(f"{shop_id}.*") if _state else ():
        shutil.rmtree(folder, ignore_errors=True)


def has_room(file_bytes: int) -> bool:
    """Tell whether a file of this size, and its pieces beside it, fit on the disk."""
    root = _root()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return shutil.disk_usage(root).free > 2 * file_bytes + (200 << 20)


def sweep() -> list[str]:
    """Remove the folders of parts that are not being read any more, and return their names."""
    root = _root()
    if not root.is_dir():
        return []
    swept = [path for path in sorted(root.iterdir()) if not _is_needed(path.name)]
    for path in swept:
        shutil.rmtree(path, ignore_errors=True)
    return [path.name for path in swept]


def _is_needed(name: str) -> bool:
    shop, _, rest = name.partition(".")
    backfill, _, part_name = rest.partition(".")
    if not (shop.isdecimal() and backfill.isdecimal()):
        return False
    with transaction(int(shop)) as connection:
        running = backfills.find_running(connection)
        if running is None or running.id != int(backfill):
            return False
        parts = backfills.list_parts(connection, running.id)
    return any(part.name == part_name and part.state in _NEEDED for part in parts)


def _root() -> Path:
    if not _state:
        raise StartRefusedError("Nobody has said where bulk files are to be kept (services/spool.py, use).")
    return _state[0]
