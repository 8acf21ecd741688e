"""Fault switches: what is to go wrong, for which calls or webhooks, how often.

Of calls (``path``, ``operation`` and ``shop`` narrow it down, ``count`` ends it, ``rate`` makes it chancy):

=================  ==========================================================================================
``latency``        wait ``seconds`` before the call is looked at
``status``         answer ``status`` with ``body`` and ``headers`` and do nothing
``reset``          cut the connection: before the effect, or behind it with ``after``
``timeout``        do it, then stay silent for ``seconds`` and cut the connection
``throttle``       answer ``THROTTLED`` as an empty bucket would
``refuse_ip``      403, as for an address that is not on the list
``html``           200 and a page of HTML
``slow``           send the answer byte by byte, ``seconds`` apart
``endless``        send an answer that never ends
``gzip_bomb``      send a small answer that unpacks to ``bytes``
``truncate_bulk``  cut bulk files after ``bytes``; with ``declared`` the length still says the whole
``expire_bulk``    403 for the links to bulk files
=================  ==========================================================================================

Of webhooks (``topic`` and ``shop`` narrow it down): ``delay_webhooks`` and ``reorder_webhooks`` (by up to
``seconds``), ``duplicate_webhooks`` (``copies`` each), ``drop_webhooks``, ``hold_webhooks`` (all wait until it
is lifted), ``corrupt_signature`` (first try only), ``old_signature`` (by the former secret).

At once: ``kill_tokens`` (``which``: access, refresh, all) and ``forget_subscriptions`` (those made by call).
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

from sandbox import spoiled_answers
from sandbox.fault_switches import Switch, Switches
from sandbox.shopify import tokens
from sandbox.shopify.world import World

CALL_KINDS = spoiled_answers.KINDS | {"throttle", "refuse_ip", "truncate_bulk", "expire_bulk"}
WEBHOOK_KINDS = frozenset(
    (
        "delay_webhooks",
        "reorder_webhooks",
        "duplicate_webhooks",
        "drop_webhooks",
        "hold_webhooks",
        "corrupt_signature",
        "old_signature",
    )
)
AT_ONCE_KINDS = frozenset(("kill_tokens", "forget_subscriptions"))


@dataclass(slots=True)
class Fault(Switch):
    """One switch; ``operation`` is an operation's name, or a field at the root of one."""

    shop: str | None = None
    topic: str | None = None
    copies: int = 2
    declared: bool = False
    which: str = "all"


_NONE = Fault()


class Faults(Switches[Fault]):
    """The switches that are on."""

    def for_call(self, shop: str, path: str, operations: frozenset[str]) -> list[Fault]:
        """Return what strikes a call: any latencies and the first of another kind."""
        return self.struck(lambda fault: _touches(fault, shop, path, operations))

    def for_webhook(self, shop: str, topic: str) -> Fault:
        """Return what strikes a webhook; a fault without a kind if nothing does."""
        return self.first_struck(lambda fault: _touches_webhook(fault, shop, topic)) or _NONE

    def holds_webhooks(self) -> bool:
        """Tell whether all webhooks wait."""
        return self.is_on("hold_webhooks")


def of(world: World) -> Faults:
    """Return the world's switches."""
    found: Faults = world.settings.setdefault("faults", Faults())
    return found


def switch_on(world: World, wish: dict[str, Any]) -> dict[str, Any]:
    """Do what a request body says; return the switch, or how much was done at once.

    Raises
    ------
    ValueError
        The body names an unknown kind or field.
    """
    unknown = set(wish) - {one.name for one in fields(Fault)} | {"number", "hits"} & set(wish)
    if unknown:
        raise ValueError(f"A fault has no {', '.join(sorted(unknown))}.")
    fault = Fault(**wish)
    if fault.kind in AT_ONCE_KINDS:
        return {
            "kind": fault.kind,
            "done": sum(_do_at_once(world, fault, shop) for shop in _shops(world, fault)),
        }
    if fault.kind not in CALL_KINDS | WEBHOOK_KINDS:
        raise ValueError(f"There is no fault of the kind {fault.kind!r}.")
    return asdict(of(world).add(fault))


def _do_at_once(world: World, fault: Fault, shop: str) -> int:
    if fault.kind == "kill_tokens":
        return tokens.kill(world, shop, which=fault.which)
    found = world.state.count(shop, "webhook_subscription")
    world.state.clear(shop, "webhook_subscription")
    return found


def _shops(world: World, fault: Fault) -> list[str]:
    return world.state.shops() if fault.shop is None else [fault.shop]


def _touches(fault: Fault, shop: str, path: str, operations: frozenset[str]) -> bool:
    if fault.kind not in CALL_KINDS or fault.shop not in (None, shop):
        return False
    if fault.kind.endswith("_bulk") and not path.startswith("/_bulk/"):
        return False
    if fault.kind == "throttle" and not path.endswith("/graphql.json"):
        return False
    return (fault.path is None or fault.path in path) and (
        fault.operation is None or fault.operation in operations
    )


def _touches_webhook(fault: Fault, shop: str, topic: str) -> bool:
    wide = fault.kind in WEBHOOK_KINDS and fault.kind != "hold_webhooks"
    return wide and fault.shop in (None, shop) and fault.topic in (None, topic)
