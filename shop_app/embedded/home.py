"""Where everything of the embedded default lies: one folder, and paths in it that never change."""

import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from shop_app.errors import StartRefusedError

SOCKET_PATH_BYTES = {"linux": 107}.get(sys.platform, 103)
"""What the kernel takes for a Unix socket's path, without the closing NUL."""

_LONGEST_SOCKET = "postgres/.s.PGSQL.5432.lock"
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")
_OURS_ALONE = 0o700
_PASSABLE = 0o711  # another account may pass through to what belongs to it, and see nothing on its way


@dataclass(frozen=True, slots=True)
class Home:
    """The folder ``KINDRED_HOME``, and what lies in it."""

    root: Path

    @property
    def keys(self) -> Path:
        """Return the file of the keys that this home made for itself."""
        return self.root / "keys"

    @property
    def cluster(self) -> Path:
        """Return PostgreSQL's data directory."""
        return self.root / "postgres"

    @property
    def unfinished_cluster(self) -> Path:
        """Return the directory in which a new cluster is made; it moves to its place when it is whole."""
        return self.root / "postgres.new"

    @property
    def redis(self) -> Path:
        """Return Redis' data directory."""
        return self.root / "redis"

    @property
    def stand_in_state(self) -> Path:
        """Return the file in which the stand-in for Shopify keeps its stores."""
        return self.root / "sandbox.sqlite"

    @property
    def klaviyo_stand_in_state(self) -> Path:
        """Return the file in which the stand-in for Klaviyo keeps its accounts."""
        return self.root / "sandbox-klaviyo.sqlite"

    @property
    def logs(self) -> Path:
        """Return the folder of the logs."""
        return self.root / "log"

    @property
    def run(self) -> Path:
        """Return the folder of locks and of notes about running processes."""
        return self.root / "run"

    @property
    def sockets(self) -> Path:
        """Return the folder of the sockets: ``run``, or one in the temporary folder.

        The latter where a path would be longer than the kernel takes, or holds characters that mean
        something in one of the addresses it becomes a part of.
        """
        fits = len(os.fsencode(self.run / _LONGEST_SOCKET)) <= SOCKET_PATH_BYTES
        if fits and _PLAIN_PATH.fullmatch(str(self.run)):
            return self.run
        name = hashlib.sha256(os.fsencode(self.root) + b"|%d" % os.geteuid()).hexdigest()[:16]
        return _temporary_folder() / f"kindred-{name}"

    @property
    def postgres_socket(self) -> Path:
        """Return the folder in which PostgreSQL puts its socket."""
        return self.sockets / "postgres"

    @property
    def redis_socket(self) -> Path:
        """Return Redis' socket."""
        return self.sockets / "redis.sock"


def prepare(home: Home) -> None:
    """Make the folders that are missing; nothing that exists gets another mode, and no parent is touched.

    Raises
    ------
    StartRefusedError
        The folder cannot be made, or another account uses it.
    """
    passable = _PASSABLE if os.geteuid() == 0 else _OURS_ALONE
    try:
        home.root.mkdir(mode=passable, parents=True, exist_ok=True)
        _refuse_anothers(home.run)
        home.run.mkdir(mode=passable, exist_ok=True)
        home.sockets.mkdir(mode=passable, exist_ok=True)
        _refuse_anothers(home.sockets)
        for folder in (home.logs, home.redis):
            folder.mkdir(mode=_OURS_ALONE, exist_ok=True)
    except OSError as error:
        raise StartRefusedError(
            f"KINDRED_HOME is {home.root}, and {error.filename or home.root} cannot be used: "
            f"{error.strerror}. Set KINDRED_HOME to a folder that this account may write to."
        ) from None


def forget_sockets(home: Home) -> None:
    """Remove the folder that lies outside the home, now that nobody listens in it."""
    if home.sockets != home.run:
        shutil.rmtree(home.sockets, ignore_errors=True)


def _refuse_anothers(folder: Path) -> None:
    """Refuse a folder that is a link or that somebody else owns: who owns it decides where we connect to."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise StartRefusedError(
            f"{folder} belongs to another account (uid {found.st_uid}). Run kindred as that account, or set "
            "KINDRED_HOME to a folder of your own."
        )


def _temporary_folder() -> Path:
    """Return a folder that is the same for every process of an account, whatever its TMPDIR says."""
    usual = Path("/tmp")  # noqa: S108 (what is made in it is checked for its owner)
    return usual if usual.is_dir() and os.access(usual, os.W_OK) else Path(tempfile.gettempdir())
