"""Become another account, let go of the terminal, and turn into the program named: one step before ``exec``.

Run by its path with ``python -I -S``, so it uses nothing but the standard library. Its only argument
besides the program is a JSON object: ``uid``, ``gid`` (the account to become), ``capability`` (the number of
the one right to keep), ``detach`` (run on in a session of its own and print the process id), ``parent`` (end
when the process of this id ends).
"""

import contextlib
import ctypes
import json
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_SET_SECUREBITS = 28
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_CAPABILITY_VERSION_3 = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def main(arguments: list[str]) -> None:
    """Do what the plan says, then become the program; an ``OSError`` says what was not allowed."""
    plan = json.loads(arguments[0])
    if plan.get("detach") and os.fork():
        os._exit(0)
    if plan.get("detach"):
        os.setsid()
        sys.stdout.write(f"{os.getpid()}\n")
        sys.stdout.flush()
        _let_go_of_terminal()
    if "uid" in plan:
        become(plan["uid"], plan["gid"], plan.get("capability"))
    if "parent" in plan:
        _end_with(plan["parent"])
    os.execv(arguments[1], arguments[1:])  # noqa: S606 (no shell is wanted)


def become(uid: int, gid: int, capability: int | None) -> None:
    """Turn from root into an account, for good, keeping at most one capability across the next ``exec``."""
    os.setgroups([gid])
    os.setgid(gid)
    if capability is not None:
        _prctl(_PR_SET_KEEPCAPS, 1)
        with contextlib.suppress(OSError):  # without it access(2) answers as if we had kept nothing
            _prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP)
    os.setuid(uid)
    if capability is not None:
        _keep_only(capability)
        _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability)


def _keep_only(capability: int) -> None:
    bit = 1 << capability
    sets = (_Sets * 2)(_Sets(bit, bit, bit), _Sets(0, 0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(ctypes.byref(_Header(_CAPABILITY_VERSION_3, 0)), ctypes.byref(sets)):
        raise OSError(ctypes.get_errno(), "capset is not allowed here")


def _prctl(option: int, *values: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    padded = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    if libc.prctl(option, *padded):
        raise OSError(ctypes.get_errno(), f"prctl {option} is not allowed here")


def _end_with(parent: int) -> None:
    """Ask Linux for SIGTERM when the parent ends; elsewhere the next start clears up what was left."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended before we could ask
            sys.exit(1)


def _let_go_of_terminal() -> None:
    """Send what the program prints to its log alone; the pipe that took the process id is closed."""
    os.dup2(2, 1)


if __name__ == "__main__":
    main(sys.argv[1:])
