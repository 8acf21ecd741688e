"""Fault switches: what is to go wrong, for which calls or jobs, how often.

Of calls (``path``, ``operation`` and ``method`` narrow it down, ``count`` ends it, ``rate`` makes it chancy):

==================  ========================================================================================
``latency``         wait ``seconds`` before the call is looked at
``status``          answer ``status`` with ``body`` and ``headers`` and do nothing
``reset``           cut the connection: before the effect, or behind it with ``after``
``timeout``         do it, then stay silent for ``seconds`` and cut the connection
``throttle``        429 with ``Retry-After``: ``seconds``
``html``            200 and a page of HTML
``slow``            send the answer byte by byte, ``seconds`` apart
``endless``         send an answer that never ends
``gzip_bomb``       send a small answer that unpacks to ``bytes``
==================  ========================================================================================

Of all keys, while it is on: ``revoke_key`` (401), ``other_account`` (they lead to another account),
``read_only_key`` (they may only read).

Of import jobs: ``stick_job`` (a job that begins while it is on does not get on), ``cancel_job``, and
``fail_rows`` (``every`` so many rows of a job fail; ``rate`` makes it chancy, ``count`` ends it).
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

from sandbox import spoiled_answers
from sandbox.fault_switches import Switch, Switches
from sandbox.klaviyo.world import World

CALL_KINDS = spoiled_answers.KINDS | {"throttle"}
KEY_KINDS = frozenset(("revoke_key", "other_account", "read_only_key"))
JOB_KINDS = frozenset(("stick_job", "cancel_job", "fail_rows"))


@dataclass(slots=True)
class Fault(Switch):
    """One switch; ``operation`` is one of :mod:`.operations`."""

    method: str | None = None
    every: int = 1


class Faults(Switches[Fault]):
    """The switches that are on."""

    def for_call(self, method: str, path: str, operation: str) -> list[Fault]:
        """Return what strikes a call: any latencies and the first of another kind."""
        return self.struck(
            lambda fault: (
                fault.kind in CALL_KINDS
                and (fault.path is None or fault.path in path)
                and fault.method in (None, method)
                and fault.operation in (None, operation)
            )
        )

    def strikes_job(self, kind: str) -> bool:
        """Tell whether a switch of this kind strikes the job that begins."""
        return self.first_struck(lambda fault: fault.kind == kind) is not None

    def fails_row(self, place: int) -> bool:
        """Tell whether this row of a job is to fail."""
        touched = self.first_struck(lambda fault: fault.kind == "fail_rows" and place % fault.every == 0)
        return touched is not None


def of(world: World) -> Faults:
    """Return the world's switches."""
    found: Faults = world.settings.setdefault("faults", Faults())
    return found


def switch_on(world: World, wish: dict[str, Any]) -> dict[str, Any]:
    """Do what a request body says; return the switch.

    Raises
    ------
    ValueError
        The body names an unknown kind or field.
    """
    unknown = set(wish) - {one.name for one in fields(Fault)} | {"number", "hits"} & set(wish)
    if unknown:
        raise ValueError(f"A fault has no {', '.join(sorted(unknown))}.")
    fault = Fault(**wish)
    if fault.kind not in CALL_KINDS | KEY_KINDS | JOB_KINDS:
        raise ValueError(f"There is no fault of the kind {fault.kind!r}.")
    if fault.every < 1:
        raise ValueError("every must be 1 or more.")
    return asdict(of(world).add(fault))
