"""Access tokens of the app: issued, refreshed, found, retired; kept as documents of kind ``token``.

The rules of expiring offline tokens: one chain of refresh tokens lives per store. A refresh token works once;
it may be sent again until its replacement was used (by a call with the new access token or a refresh with the
new refresh token), for then the app has shown that it kept the answer. A new exchange retires the chain.
"""

import secrets
from datetime import datetime, timedelta

from sandbox.shopify.state import Document
from sandbox.shopify.world import World, now, stamp

ACCESS_SECONDS = 3600
REFRESH_SECONDS = 90 * 86_400
DAY_TOKEN_SECONDS = 86_399  # online and client-credentials tokens
_RETRY_DAYS = 30  # how long after its first use a refresh token may be sent again at most
_PREFIXES = {"offline": "shpat_", "online": "shpua_", "client_credentials": "shpat_"}


class OAuthRefusal(Exception):  # noqa: N818 (it is an answer, not a fault)
    """The token endpoint says no: ``error`` and ``error_description`` as OAuth has them."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


def issue(world: World, shop: str, kind: str, *, seconds: int | None, refreshable: bool = False) -> Document:
    """Make a token of this store's granted scopes; ``seconds`` is its life, ``None`` for no end."""
    moment = now()
    document: Document = {
        "id": world.state.next_number("token", start=1001),
        "token": _PREFIXES[kind] + secrets.token_hex(16),
        "kind": kind,
        "scopes": granted_scopes(world, shop),
        "createdAt": stamp(moment),
        "expiresAt": None if seconds is None else stamp(moment + timedelta(seconds=seconds)),
        "refreshToken": f"shprt_{secrets.token_hex(16)}" if refreshable else None,
        "refreshExpiresAt": stamp(moment + timedelta(seconds=REFRESH_SECONDS)) if refreshable else None,
        "refreshUsedAt": None,
        "refreshDead": False,
        "replaces": None,
        "replacedBy": None,
        "usedAt": None,
        "dead": False,
        "uninstalledAt": None,
    }
    _keep(world, shop, document)
    return document


def issue_offline(world: World, shop: str, *, expiring: bool) -> Document:
    """Answer an exchange: a new chain and the end of the older one, or the one token without an end."""
    with world.state.together():
        if not expiring:
            return _lasting_token(world, shop) or issue(world, shop, "offline", seconds=None)
        for document in list(world.state.each(shop, "token")):
            if document["refreshToken"] and not document["refreshDead"]:
                world.state.put(shop, "token", document | {"refreshDead": True})
        return issue(world, shop, "offline", seconds=access_seconds(world), refreshable=True)


def refresh(world: World, refresh_token: str) -> tuple[str, Document]:
    """Turn a refresh token into a new pair; return the store and the new token.

    Raises
    ------
    OAuthRefusal
        The token is unknown, retired, too old, or its replacement is in use.
    """
    with world.state.together():
        found = find(world, refresh_token)
        if found is None or not _may_refresh(world, *found):
            raise OAuthRefusal("invalid_grant", "The refresh token is invalid, expired or was already used.")
        shop, old = found
        if lost := _replacement(world, shop, old):
            world.state.put(shop, "token", lost | {"refreshDead": True})
        _retire_predecessor(world, shop, old)
        new = issue(world, shop, "offline", seconds=access_seconds(world), refreshable=True)
        world.state.put(shop, "token", new | {"replaces": old["id"]})
        used = {"refreshUsedAt": old["refreshUsedAt"] or stamp(now()), "replacedBy": new["id"]}
        world.state.put(shop, "token", old | used)
    return shop, new


def find(world: World, secret: str) -> tuple[str, Document] | None:
    """Return the store and the document that an access or refresh token belongs to."""
    place = _index(world).get(secret)
    document = world.state.find(place[0], "token", place[1]) if place else None
    return None if place is None or document is None else (place[0], document)


def is_live(document: Document) -> bool:
    """Tell whether the access token works at this moment."""
    ends = document["expiresAt"]
    return not document["dead"] and (ends is None or ends > stamp(now()))


def note_use(world: World, shop: str, document: Document) -> None:
    """Write down the first call with an access token: what it replaced is then of no more use."""
    if document["usedAt"] is not None:
        return
    with world.state.together():
        current = world.state.find(shop, "token", document["id"]) or document
        world.state.put(shop, "token", current | {"usedAt": stamp(now())})
        _retire_predecessor(world, shop, current)


def kill(world: World, shop: str, *, which: str = "all") -> int:
    """End a store's tokens: ``access`` ones only, ``refresh`` ones only, or ``all``; return how many."""
    changes: Document = {}
    if which in ("access", "all"):
        changes["dead"] = True
    if which in ("refresh", "all"):
        changes["refreshDead"] = True
    return _change_all(world, shop, changes)


def end_install(world: World, shop: str) -> int:
    """End everything at once, as an uninstall does."""
    return _change_all(world, shop, {"dead": True, "refreshDead": True, "uninstalledAt": stamp(now())})


def retire(world: World, shop: str, document: Document) -> None:
    """End one token: it was exchanged for a better one."""
    world.state.put(shop, "token", document | {"dead": True, "refreshDead": True})


def granted_scopes(world: World, shop: str) -> list[str]:
    """Return what the store's owner granted to the app."""
    document = next(world.state.each(shop, "shop"), {})
    return list(document.get("grantedScopes") or [])


def access_seconds(world: World) -> int:
    """Return how long an expiring access token lives; a test may have made it short."""
    return int(world.settings.get("access_token_seconds", ACCESS_SECONDS))


def _keep(world: World, shop: str, document: Document) -> None:
    index = _index(world)
    world.state.put(shop, "token", document)
    for secret in (document["token"], document["refreshToken"]):
        if secret:
            index[secret] = (shop, document["id"])


def _index(world: World) -> dict[str, tuple[str, int]]:
    """Return where each secret is kept; read from the state once, for it is asked at every call."""
    if "token_index" not in world.settings:
        index: dict[str, tuple[str, int]] = {}
        for shop in world.state.shops():
            for document in world.state.each(shop, "token"):
                index[document["token"]] = (shop, document["id"])
                if document.get("refreshToken"):
                    index[document["refreshToken"]] = (shop, document["id"])
        world.settings["token_index"] = index
    found: dict[str, tuple[str, int]] = world.settings["token_index"]
    return found


def _lasting_token(world: World, shop: str) -> Document | None:
    scopes = granted_scopes(world, shop)
    for document in world.state.each(shop, "token"):
        lasting = document["kind"] == "offline" and document["expiresAt"] is None and not document["dead"]
        if lasting and document["scopes"] == scopes:
            return document
    return None


def _may_refresh(world: World, shop: str, document: Document) -> bool:
    moment = now()
    if (
        document["token"] is None
        or document["refreshDead"]
        or not _before(moment, document["refreshExpiresAt"])
    ):
        return False
    if document["refreshUsedAt"] is None:
        return True
    tried_until = datetime.fromisoformat(document["refreshUsedAt"]) + timedelta(days=_RETRY_DAYS)
    replacement = _replacement(world, shop, document)
    return moment <= tried_until and replacement is not None and replacement["usedAt"] is None


def _before(moment: datetime, text: str | None) -> bool:
    return text is not None and stamp(moment) < text


def _replacement(world: World, shop: str, document: Document) -> Document | None:
    return world.state.find(shop, "token", document["replacedBy"]) if document["replacedBy"] else None


def _retire_predecessor(world: World, shop: str, document: Document) -> None:
    before = world.state.find(shop, "token", document["replaces"]) if document["replaces"] else None
    if before is not None and not before["refreshDead"]:
        world.state.put(shop, "token", before | {"refreshDead": True})


def _change_all(world: World, shop: str, changes: Document) -> int:
    with world.state.together():
        living = [one for one in world.state.each(shop, "token") if not (one["dead"] and one["refreshDead"])]
        for document in living:
            world.state.put(shop, "token", document | changes)
    return len(living)
