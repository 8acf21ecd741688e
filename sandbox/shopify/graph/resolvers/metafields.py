"""Metafields: set, deleted, and read at their owners."""

from typing import Any

from sandbox.shopify import metafield_values as values
from sandbox.shopify.graph import metafield_names as names
from sandbox.shopify.graph.connections import Listed, connection
from sandbox.shopify.graph.metafield_set import Wanted, check
from sandbox.shopify.graph.registry import (
    Answer,
    Call,
    Info,
    gid,
    kind_of,
    require_scope,
    resolver,
    user_error,
)
from sandbox.shopify.graph.writing import keep, new_number
from sandbox.shopify.state import Document
from sandbox.shopify.world import now, stamp

SET_AT_MOST = 25
_TOPICS = {
    "customer": "customers/update",
    "order": "orders/updated",
    "product": "products/update",
    "variant": "",
    "shop": "",
    "discount": "",
}


@resolver("Mutation", "metafieldsSet")
def metafields_set(_parent: None, info: Info, *, metafields: list[dict[str, Any]]) -> Answer:
    """Set up to 25 metafields, all or none."""
    call: Call = info.context
    if len(metafields) > SET_AT_MOST:
        message = f"Exceeded the maximum metafields input limit of {SET_AT_MOST}."
        return {"metafields": [], "userErrors": [user_error(["metafields"], message, "LESS_THAN_OR_EQUAL_TO")]}
    for one in metafields:
        _need_scope(call, one["ownerId"], "metafieldsSet")
    with call.state.together():
        checked = [check(call, one, ["metafields", str(place)]) for place, one in enumerate(metafields)]
        wrong = [one for one in checked if not isinstance(one, Wanted)]
        if wrong:
            return {"metafields": [], "userErrors": wrong}
        written = write_all(call, [one for one in checked if isinstance(one, Wanted)])
    return {"metafields": written, "userErrors": []}


@resolver("Mutation", "metafieldsDelete")
def metafields_delete(_parent: None, info: Info, *, metafields: list[dict[str, Any]]) -> Answer:
    """Delete metafields; for one that is not there stands a null."""
    call: Call = info.context
    for one in metafields:
        _need_scope(call, one["ownerId"], "metafieldsDelete")
    with call.state.together():
        deleted = [_delete(call, one) for one in metafields]
    return {"deletedMetafields": deleted, "userErrors": []}


def write_all(call: Call, wanted: list[Wanted]) -> list[Document]:
    """Write metafields that passed every check, and tell of each owner once."""
    written: dict[tuple[str, int, str, str], Document] = {}
    for one in wanted:
        place = (one.kind, int(one.owner["id"]), one.namespace, one.key)
        written[place] = _write(call, one, written.get(place) or one.before or {})
    for kind, owner in {(one.kind, one.owner["id"]): (one.kind, one.owner) for one in wanted}.values():
        _touch(call, kind, owner)
    return [written[one.kind, int(one.owner["id"]), one.namespace, one.key] for one in wanted]


def _write(call: Call, wanted: Wanted, before: Document) -> Document:
    moment = stamp(now())
    metafield = {
        "id": before.get("id") or new_number(call, "metafield"),
        "ownerKind": wanted.kind,
        "ownerId": wanted.owner["id"],
        "namespace": wanted.namespace,
        "key": wanted.key,
        "type": wanted.type_name,
        "value": wanted.value,
        "createdAt": before.get("createdAt") or moment,
        "updatedAt": moment,
        "compareDigest": values.digest(wanted.value, wanted.type_name),
    }
    call.state.put(call.shop, "metafield", metafield, parent=wanted.owner["id"])
    return metafield


def _delete(call: Call, given: dict[str, Any]) -> Answer | None:
    owner = names.owner_of(call, given["ownerId"])
    if owner is None:
        return None
    kind, document = owner
    namespace = names.resolved(given["namespace"])
    found = names.find(call, document, kind, namespace, given["key"])
    if found is None or names.is_foreign(namespace):
        return None
    call.state.delete(call.shop, "metafield", found["id"])
    _touch(call, kind, document)
    return {"ownerId": given["ownerId"], "namespace": namespace, "key": given["key"]}


def _touch(call: Call, kind: str, owner: Document) -> None:
    """Let an owner be changed now: a new metafield is a change of its owner."""
    document = call.state.find(call.shop, kind, owner["id"])
    if document is None or not _TOPICS[kind]:
        return
    keep(call, kind, document, _TOPICS[kind], parent=document.get("customerId") if kind == "order" else None)


def _need_scope(call: Call, owner_id: str, field: str) -> None:
    _, scope = names.OWNERS.get(kind_of(owner_id), ("", ""))
    if scope:
        require_scope(call, f"write_{scope}", field)


@resolver("Metafield", "id")
def metafield_id(metafield: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("Metafield", metafield["id"])


@resolver("Metafield", "legacyResourceId")
def metafield_number(metafield: Document, _info: Info) -> str:
    """Return the plain number."""
    return str(metafield["id"])


@resolver("Metafield", "jsonValue")
def metafield_json(metafield: Document, _info: Info) -> Any:  # noqa: ANN401
    """Return the value as JSON."""
    return values.as_json(metafield["value"], metafield["type"])


@resolver("Metafield", "ownerType")
def metafield_owner_type(metafield: Document, _info: Info) -> str:
    """Return what the owner is."""
    return names.OWNER_KINDS[metafield["ownerKind"]]


@resolver("Metafield", "sizeInBytes")
def metafield_size(metafield: Document, _info: Info) -> int:
    """Return the length of the value."""
    return len(metafield["value"].encode())


@resolver("Metafield", "definition")
def metafield_definition(metafield: Document, info: Info) -> Document | None:
    """Return the definition that rules it."""
    return names.definition_of(info.context, metafield["ownerKind"], metafield["namespace"], metafield["key"])


def _readable_at(type_name: str, kind: str) -> None:
    """Let owners of one type show their metafields."""

    def one(owner: Document, info: Info, *, key: str, namespace: str | None = None) -> Document | None:
        resolved = names.resolved(namespace)
        found = names.find(info.context, owner, kind, resolved, key)
        return None if found is None or names.is_foreign(resolved) else found

    def some(owner: Document, info: Info, **args: Any) -> Any:  # noqa: ANN401
        call: Call = info.context
        namespace = names.resolved(args["namespace"]) if args.get("namespace") else None
        rows = [
            metafield
            for metafield in names.of_owner(call, owner, kind)
            if namespace in (None, metafield["namespace"]) and not names.is_foreign(metafield["namespace"])
        ]
        keys = args.get("keys")
        if keys is not None:
            rows = [row for row in rows if row["key"] in keys or f"{row['namespace']}.{row['key']}" in keys]
        return connection(info, Listed(rows, bool(args.get("reverse"))), args)

    resolver(type_name, "metafield")(one)
    resolver(type_name, "metafields")(some)


for _type_name, (_kind, _) in names.OWNERS.items():
    _readable_at(_type_name, _kind)
_readable_at("DiscountNode", "discount")
