"""Metafields given along with their owner's own input."""

from typing import Any

from sandbox.shopify.graph.metafield_set import Wanted, check_for
from sandbox.shopify.graph.registry import Answer, Call
from sandbox.shopify.graph.resolvers.metafields import write_all
from sandbox.shopify.state import Document


def check_inline(
    call: Call, owner: tuple[str, Document], given: list[dict[str, Any]] | None
) -> list[Wanted | Answer]:
    """Return what is to be written and what is wrong; fields are named from the input on."""
    return [
        check_for(call, owner, {"key": "", "value": ""} | one, ["metafields", str(place)])
        for place, one in enumerate(given or [])
    ]


def write_inline(call: Call, checked: list[Wanted | Answer]) -> None:
    """Write what passed; the owner is there by now."""
    wanted = [one for one in checked if isinstance(one, Wanted)]
    if wanted:
        write_all(call, wanted)
