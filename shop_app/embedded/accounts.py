"""Which account runs PostgreSQL: our own, or for root a plain one, for PostgreSQL refuses to run as root."""

import os
import pwd
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from shop_app.errors import StartRefusedError

_USUAL_NAMES = ("postgres", "nobody", "_postgres")
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2


@dataclass(frozen=True, slots=True)
class Account:
    """An account that is not root, and the one capability it keeps where it could not pass otherwise."""

    uid: int
    gid: int
    name: str
    capability: int | None = None


def server_account(cluster: Path, programs: Path) -> Account | None:
    """Return the account that PostgreSQL is to run as, or ``None`` for our own.

    Raises
    ------
    StartRefusedError
        We are root, and no plain account exists or it cannot get to the data or to the programs.
    """
    if os.geteuid() != 0:
        _refuse_nameless()
        return None
    entry = _entry(cluster)
    way = [*cluster.parents, programs, *programs.resolve().parents]
    blocked = next((folder for folder in way if not _may_pass(folder, entry.pw_uid, entry.pw_gid)), None)
    if blocked is None:
        return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)
    capability = _capability_to_pass()
    if capability is None:
        raise StartRefusedError(
            f"PostgreSQL does not run as root, and the account {entry.pw_name!r} that it would run as cannot "
            f"get through {blocked}. Set KINDRED_HOME to a folder that every account can reach (for example "
            "/var/lib/kindred), or run kindred as an ordinary user."
        )
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name, capability)


def _entry(cluster: Path) -> pwd.struct_passwd:
    """Return whose the existing data is, else the first of the usual plain accounts."""
    if cluster.is_dir() and (owner := cluster.stat().st_uid) != 0:
        try:
            return pwd.getpwuid(owner)
        except KeyError:
            raise StartRefusedError(
                f"{cluster} belongs to the account {owner}, which this machine does not know. Set "
                "KINDRED_HOME to another folder, or give the data to a known account (chown)."
            ) from None
    for name in _USUAL_NAMES:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise StartRefusedError(
        "PostgreSQL does not run as root, and there is neither a user 'postgres' nor 'nobody' to run it as. "
        "Run kindred as an ordinary user, or set DATABASE_URL."
    )


def _refuse_nameless() -> None:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise StartRefusedError(
            f"The account with the number {os.geteuid()} has no line in /etc/passwd, and PostgreSQL asks for "
            "one. Add one, run kindred as another user, or set DATABASE_URL."
        ) from None


def _may_pass(folder: Path, uid: int, gid: int) -> bool:
    """Tell by its mode whether an account gets through a folder; one that is yet to be made will let it."""
    try:
        found = folder.stat()
    except FileNotFoundError:
        return True
    if found.st_uid == uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _capability_to_pass() -> int | None:
    """Return the smallest right we hold that goes through closed folders; nothing but Linux has such."""
    if sys.platform != "linux":
        return None
    held = _held_capabilities()
    usable = (number for number in (_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE) if held & 1 << number)
    return next(usable, None)


def _held_capabilities() -> int:
    sets = dict(
        line.split(":\t", 1)
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        if line.startswith(("CapPrm", "CapBnd"))
    )
    return int(sets.get("CapPrm", "0"), 16) & int(sets.get("CapBnd", "0"), 16)
