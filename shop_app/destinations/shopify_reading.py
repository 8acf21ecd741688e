"""Tags and metafields read back by customers' ids, 250 at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shop_app.destinations.shopify_labels import METAFIELDS
from shop_app.shopify.admin_api import AdminApi

_AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class Held:
    """What a customer holds: every tag, whoever wrote it, and our metafields by key."""

    tags: tuple[str, ...]
    values: dict[str, str]


def read(api: AdminApi, gids: Sequence[str]) -> dict[str, Held]:
    """Return what these customers hold, by global id; who is not there is missing."""
    return {node["id"]: _held(node) for node in _nodes(api, gids)}


def which_exist(api: AdminApi, gids: Sequence[str]) -> set[str]:
    """Return those of these customers that there are."""
    return {str(node["id"]) for node in _nodes(api, gids)}


def _nodes(api: AdminApi, gids: Sequence[str]) -> Iterator[dict[str, Any]]:
    for begin in range(0, len(gids), _AT_ONCE):
        answer = api.run("CustomersLabels", {"ids": list(gids[begin : begin + _AT_ONCE])})
        yield from (node for node in answer.data.get("nodes") or [] if node and "id" in node)


def _held(node: dict[str, Any]) -> Held:
    values = {each.key: node[each.key]["value"] for each in METAFIELDS if node.get(each.key)}
    return Held(tuple(node.get("tags") or ()), values)
