"""Metafield definitions: made, changed, deleted, found."""

from typing import Any

from sandbox.shopify import metafield_values as values
from sandbox.shopify.graph import metafield_names as names
from sandbox.shopify.graph.connections import Listed, connection
from sandbox.shopify.graph.registry import (
    Answer,
    Call,
    GraphQLRefusal,
    Info,
    gid,
    number_of,
    require_scope,
    resolver,
    user_error,
)
from sandbox.shopify.graph.writing import keep, new_number, refused, text_problem
from sandbox.shopify.state import Document
from sandbox.shopify.world import now, stamp

FILTERABLE_AT_MOST = 50
_ACCESS = (
    "API client to have access to the namespace and the resource type associated with the metafield "
    "definition.\n"
)
_ORPHANS = "Deleting a definition in a reserved namespace must have deleteAllAssociatedMetafields set to true."
_SCOPES = {"customer": "customers", "order": "orders", "product": "products", "variant": "products"}
_SCOPES["discount"] = "discounts"


@resolver("Mutation", "metafieldDefinitionCreate")
def definition_create(_parent: None, info: Info, *, definition: dict[str, Any]) -> Answer:
    """Make a definition."""
    call: Call = info.context
    kind, namespace = _owner_and_namespace(call, definition, info.field_name)
    with call.state.together():
        wrong = _problems(call, definition, kind, namespace)
        if wrong:
            return refused("createdDefinition", *wrong)
        moment = stamp(now())
        made = {
            "id": new_number(call, "metafield_definition"),
            "ownerKind": kind,
            "namespace": namespace,
            "key": definition["key"],
            "name": definition["name"],
            "description": definition.get("description"),
            "type": definition["type"],
            "validations": definition.get("validations") or [],
            "access": {"admin": "PUBLIC_READ_WRITE", "storefront": "NONE", "customerAccount": "NONE"}
            | {key: value for key, value in (definition.get("access") or {}).items() if value},
            "capabilities": _enabled(definition),
            "pinnedPosition": 1 if definition.get("pin") else None,
            "createdAt": moment,
        }
        keep(call, "metafield_definition", made)
    return {"createdDefinition": made, "userErrors": []}


@resolver("Mutation", "metafieldDefinitionUpdate")
def definition_update(_parent: None, info: Info, *, definition: dict[str, Any]) -> Answer:
    """Change a definition's name, description, rules or access; its type stays."""
    call: Call = info.context
    kind, namespace = _owner_and_namespace(call, definition, info.field_name)
    with call.state.together():
        found = names.definition_of(call, kind, namespace, definition["key"])
        if found is None:
            message = "Definition not found."
            return refused(
                "updatedDefinition", user_error(["definition"], message, "NOT_FOUND"), validationJob=None
            )
        wrong = text_problem(["definition", "name"], "Name", definition.get("name", found["name"]))
        if wrong:
            return refused("updatedDefinition", wrong, validationJob=None)
        for name in ("name", "description", "validations"):
            if definition.get(name) is not None:
                found[name] = definition[name]
        found["access"] |= {key: value for key, value in (definition.get("access") or {}).items() if value}
        found["capabilities"] |= _enabled(definition)
        keep(call, "metafield_definition", found)
    return {"updatedDefinition": found, "userErrors": [], "validationJob": None}


@resolver("Mutation", "metafieldDefinitionDelete")
def definition_delete(
    _parent: None,
    info: Info,
    *,
    id: str | None = None,  # noqa: A002 (the schema's name)
    identifier: dict[str, Any] | None = None,
    deleteAllAssociatedMetafields: bool = False,  # noqa: N803
) -> Answer:
    """Delete a definition, and its metafields if that is asked."""
    call: Call = info.context
    with call.state.together():
        found = _named(call, id, identifier)
        if found is None:
            error = user_error(["id"], "Definition not found.", "NOT_FOUND")
            return refused("deletedDefinitionId", error, deletedDefinition=None)
        _need(call, found["ownerKind"], info.field_name)
        if names.is_own(found["namespace"]) and not deleteAllAssociatedMetafields:
            error = user_error(None, _ORPHANS, "RESERVED_NAMESPACE_ORPHANED_METAFIELDS")
            return refused("deletedDefinitionId", error, deletedDefinition=None)
        if deleteAllAssociatedMetafields:
            for metafield in _associated(call, found):
                call.state.delete(call.shop, "metafield", metafield["id"])
        call.state.delete(call.shop, "metafield_definition", found["id"])
    name = {
        "namespace": found["namespace"],
        "key": found["key"],
        "ownerType": names.OWNER_KINDS[found["ownerKind"]],
    }
    return {
        "deletedDefinitionId": gid("MetafieldDefinition", found["id"]),
        "deletedDefinition": name,
        "userErrors": [],
    }


@resolver("QueryRoot", "metafieldDefinition")
def definition(
    _parent: None,
    info: Info,
    *,
    id: str | None = None,  # noqa: A002
    identifier: dict[str, Any] | None = None,
) -> Document | None:
    """Return one definition by id or by owner type, namespace and key."""
    return _named(info.context, id, identifier)


@resolver("QueryRoot", "metafieldDefinitions")
def definitions(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return the definitions for one type of owner."""
    call: Call = info.context
    kind = names.OWNER_TYPES.get(args["ownerType"], "")
    namespace = names.resolved(args["namespace"]) if args.get("namespace") else None
    rows = [
        one
        for one in call.state.each(call.shop, "metafield_definition")
        if one["ownerKind"] == kind
        and namespace in (None, one["namespace"])
        and args.get("key") in (None, one["key"])
        and not names.is_foreign(one["namespace"])
    ]
    return connection(info, Listed(rows, bool(args.get("reverse"))), args)


@resolver("MetafieldDefinition", "id")
def definition_id(definition: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("MetafieldDefinition", definition["id"])


@resolver("MetafieldDefinition", "ownerType")
def definition_owner_type(definition: Document, _info: Info) -> str:
    """Return what its owners are."""
    return names.OWNER_KINDS[definition["ownerKind"]]


@resolver("MetafieldDefinition", "type")
def definition_type(definition: Document, _info: Info) -> Answer:
    """Return the type and its family."""
    return {"name": definition["type"], "category": values.category(definition["type"])}


@resolver("MetafieldDefinition", "capabilities")
def definition_capabilities(definition: Document, _info: Info) -> Answer:
    """Return what is switched on."""
    on = definition["capabilities"]
    filterable = bool(on.get("adminFilterable"))
    eligible = definition["type"] in values.FILTERABLE
    shown = {
        name: {"enabled": bool(on.get(name)), "eligible": eligible}
        for name in ("analyticsQueryable", "cartToOrderCopyable", "smartCollectionCondition", "uniqueValues")
    }
    status = "FILTERABLE" if filterable else "NOT_FILTERABLE"
    return shown | {"adminFilterable": {"enabled": filterable, "eligible": eligible, "status": status}}


@resolver("MetafieldDefinition", "metafieldsCount")
def definition_count(definition: Document, info: Info, *, validationStatus: str | None = None) -> int:  # noqa: N803
    """Return how many metafields it rules."""
    return len(_associated(info.context, definition)) if validationStatus in (None, "ANY", "VALID") else 0


@resolver("MetafieldDefinition", "useAsCollectionCondition")
def definition_in_collections(definition: Document, _info: Info) -> bool:
    """Return whether smart collections may ask for it."""
    return bool(definition["capabilities"].get("smartCollectionCondition"))


@resolver("MetafieldDefinition", "validationStatus")
def definition_status(_definition: Document, _info: Info) -> str:
    """Return whether existing values keep its rules."""
    return "ALL_VALID"


def _owner_and_namespace(call: Call, given: dict[str, Any], field: str) -> tuple[str, str]:
    """Return whom a definition is for, refusing types that are not simulated and other apps' namespaces."""
    kind = names.OWNER_TYPES.get(given["ownerType"])
    namespace = names.resolved(given.get("namespace"))
    if kind is None or names.is_foreign(namespace):
        raise GraphQLRefusal(
            "ACCESS_DENIED",
            f"Access denied for {field} field. Required access: {_ACCESS}",
            documentation="https://shopify.dev/api/usage/access-scopes",
            requiredAccess=_ACCESS,
        )
    _need(call, kind, field)
    return kind, namespace


def _need(call: Call, kind: str, field: str) -> None:
    if kind in _SCOPES:
        require_scope(call, f"write_{_SCOPES[kind]}", field)


def _problems(call: Call, given: dict[str, Any], kind: str, namespace: str) -> list[Answer]:
    place = ["definition"]
    found = [
        names.length_problem([*place, "namespace"], namespace),
        names.length_problem([*place, "key"], given["key"]),
        names.character_problem([*place, "namespace"], namespace),
        names.character_problem([*place, "key"], given["key"]),
        text_problem([*place, "name"], "Name", given["name"]),
        _type_problem([*place, "type"], given["type"]),
        _access_problem([*place, "access", "admin"], given, namespace),
        _taken(call, [*place, "key"], given, kind, namespace),
        _filter_problem(call, [*place, "capabilities"], given, kind),
    ]
    return [problem for problem in found if problem]


def _type_problem(field: list[str], type_name: str) -> Answer | None:
    if type_name in values.TYPES:
        return None
    listed = ", ".join(values.TYPES)
    message = f"Type name {type_name} is not a valid type. Valid types are: {listed}."
    return user_error(field, message, "INCLUSION")


def _access_problem(field: list[str], given: dict[str, Any], namespace: str) -> Answer | None:
    if not (given.get("access") or {}).get("admin") or names.is_own(namespace):
        return None
    message = 'Setting this access control is not permitted. It must be one of ["public_read_write"].'
    return user_error(field, message, "ADMIN_ACCESS_INPUT_NOT_ALLOWED")


def _taken(call: Call, field: list[str], given: dict[str, Any], kind: str, namespace: str) -> Answer | None:
    if names.definition_of(call, kind, namespace, given["key"]) is None:
        return None
    owner = given["ownerType"].capitalize()
    message = f"Key is in use for {owner} metafields on the '{namespace}' namespace."
    return user_error(field, message, "TAKEN")


def _filter_problem(call: Call, field: list[str], given: dict[str, Any], kind: str) -> Answer | None:
    if not _enabled(given).get("adminFilterable"):
        return None
    if given["type"] not in values.FILTERABLE:
        message = f"The capability admin_filterable is not valid for this definition type: {given['type']}."
        return user_error(field, message, "INVALID_CAPABILITY")
    used = [
        one
        for one in call.state.each(call.shop, "metafield_definition")
        if one["ownerKind"] == kind and one["capabilities"].get("adminFilterable")
    ]
    if len(used) < FILTERABLE_AT_MOST:
        return None
    message = f"You have reached the limit of {FILTERABLE_AT_MOST} definitions used as admin filters."
    return user_error(field, message, "OWNER_TYPE_LIMIT_EXCEEDED_FOR_USE_AS_ADMIN_FILTERS")


def _enabled(given: dict[str, Any]) -> dict[str, bool]:
    asked = given.get("capabilities") or {}
    return {name: bool(one["enabled"]) for name, one in asked.items() if one}


def _named(call: Call, text: str | None, identifier: dict[str, Any] | None) -> Document | None:
    if text is not None:
        number = number_of(text, "MetafieldDefinition")
        found = None if number is None else call.state.find(call.shop, "metafield_definition", number)
    elif identifier is not None:
        kind = names.OWNER_TYPES.get(identifier["ownerType"], "")
        namespace = names.resolved(identifier.get("namespace"))
        found = names.definition_of(call, kind, namespace, identifier["key"])
    else:
        found = None
    return None if found is None or names.is_foreign(found["namespace"]) else found


def _associated(call: Call, definition: Document) -> list[Document]:
    name = (definition["ownerKind"], definition["namespace"], definition["key"])
    return [
        one
        for one in call.state.each(call.shop, "metafield")
        if (one["ownerKind"], one["namespace"], one["key"]) == name
    ]
