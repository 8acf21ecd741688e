"""The keys that the embedded default makes for itself: once, readable by nobody else, never overwritten."""

import base64
import os
from pathlib import Path

from shop_app.embedded.home import Home
from shop_app.errors import StartRefusedError

NAMES = ("KINDRED_KEYS", "KINDRED_HASH_KEY")
_KEY_BYTES = 32


def ensure(home: Home) -> tuple[str, str]:
    """Return this home's keys and its hash key, made now if there is no database yet.

    Raises
    ------
    StartRefusedError
        The file cannot be read or is damaged, or it is gone while there is data that it sealed.
    """
    if home.keys.exists():
        return _read(home)
    if home.cluster.exists():
        raise StartRefusedError(
            f"{home.keys} is missing, and the names and addresses in {home.cluster} can only be read with "
            "it. Put the file back (or set KINDRED_KEYS and KINDRED_HASH_KEY), or move "
            f"{home.root} aside to begin anew."
        )
    made = [base64.b64encode(os.urandom(_KEY_BYTES)).decode() for _ in NAMES]
    _write(home, made[0], made[1])
    return made[0], made[1]


def _read(home: Home) -> tuple[str, str]:
    try:
        lines = home.keys.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StartRefusedError(f"{home.keys} cannot be read: {error}.") from None
    found = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    if not all(found.get(name) for name in NAMES):
        raise StartRefusedError(
            f"{home.keys} is damaged: it must hold the lines {NAMES[0]}=… and {NAMES[1]}=…. Put back a copy."
        )
    return found[NAMES[0]].strip(), found[NAMES[1]].strip()


def _write(home: Home, keys: str, hash_key: str) -> None:
    text = (
        "# Names, addresses and phones in this folder's database open with these keys only: keep a copy.\n"
        "# To change the key: write a fresh one (`kindred make-keys`) and a comma in front of KINDRED_KEYS,\n"
        "# start again, then `kindred rotate-keys`.\n"
        f"{NAMES[0]}={keys}\n{NAMES[1]}={hash_key}\n"
    )
    fresh = Path(f"{home.keys}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 (a mode from the first moment)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(home.keys)
