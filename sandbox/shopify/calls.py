"""What a request to the interface is: of which store, which operation, with which body."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import orjson
from graphql import GraphQLError, OperationDefinitionNode, parse
from werkzeug.datastructures import Headers

from sandbox.shopify import tokens
from sandbox.shopify.state import Document
from sandbox.shopify.world import World

SHOP_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")


@dataclass(frozen=True, slots=True)
class Operation:
    """A GraphQL document in short."""

    name: str = ""
    kind: str = ""  # query or mutation
    fields: tuple[str, ...] = ()  # those at the root

    @property
    def words(self) -> frozenset[str]:
        """Return everything by which it may be meant."""
        return frozenset((self.name, *self.fields)) - {""}


@dataclass(slots=True)
class Caller:
    """Who calls: the store, by whatever way it is told, and the access token if one came along."""

    shop: str = ""
    token: Document | None = None
    foreign: bool = False  # the token is of another store than the address
    form: dict[str, Any] = field(default_factory=dict)


def who_calls(world: World, headers: Headers, form: dict[str, Any]) -> Caller:
    """Return the caller: by the host of the request, else by the secrets in it, else by the field ``shop``."""
    host = shop_in(headers.get("Host", ""))
    secret = headers.get("X-Shopify-Access-Token", "")
    found = tokens.find(world, secret) if secret else None
    if found is not None and found[1]["token"] != secret:
        found = None  # a refresh token is no access token
    if found is not None:
        return Caller(host or found[0], found[1], foreign=host not in ("", found[0]), form=form)
    return Caller(host or _shop_in_form(world, form), form=form)


def shop_in(host: str) -> str:
    """Return the store's domain in a Host header, empty where it is none."""
    name = host.partition(":")[0].lower()
    return name if SHOP_DOMAIN.fullmatch(name) else ""


def read_form(body: bytes, content_type: str) -> dict[str, Any]:
    """Return the fields of a body, be it JSON or a form; empty where it is neither."""
    if "json" in content_type:
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}
    if "form-urlencoded" in content_type:
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return {}


def operation_of(form: Mapping[str, Any]) -> Operation:
    """Return the operation that a GraphQL request asks for."""
    query, name = form.get("query"), form.get("operationName")
    return _operation(query, name or "") if isinstance(query, str) else Operation()


@lru_cache(maxsize=512)
def _operation(query: str, name: str) -> Operation:
    try:
        document = parse(query)
    except GraphQLError:
        return Operation(name)
    found = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    chosen = next(
        (node for node in found if node.name and node.name.value == name), found[0] if found else None
    )
    if chosen is None:
        return Operation(name)
    fields = tuple(node.name.value for node in chosen.selection_set.selections if hasattr(node, "name"))
    return Operation(chosen.name.value if chosen.name else "", chosen.operation.value, fields)


def _shop_in_form(world: World, form: dict[str, Any]) -> str:
    for secret in (form.get("refresh_token"), form.get("subject_token")):
        if isinstance(secret, str) and (found := tokens.find(world, secret)):
            return found[0]
    if isinstance(form.get("code"), str):
        codes: dict[str, dict[str, Any]] = world.settings.get("oauth_codes", {})
        if form["code"] in codes:
            return str(codes[form["code"]]["shop"])
    return _destination(form.get("subject_token")) or shop_in(str(form.get("shop") or ""))


def _destination(token: object) -> str:
    """Return the store that an ID token names, without a check: that comes later."""
    if not isinstance(token, str) or token.count(".") != 2:
        return ""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return ""
    return shop_in(urlsplit(str(claims.get("dest", ""))).hostname or "")
