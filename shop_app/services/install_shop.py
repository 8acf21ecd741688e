"""Install the app in a shop: the first time, after it was thrown out, or where its grant has died."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shop_app.errors import NotVerifiedError, RefusedError
from shop_app.queueing import TaskName, send
from shop_app.services.schedule_shop import schedule_shop
from shop_app.services.shop_access import tokens_of
from shop_app.shopify import oauth
from shop_app.shopify.oauth import TokenGrant
from shop_app.shopify.scopes import missing_scopes
from shop_app.shopify.session_token import SessionToken
from shop_app.storage import connections, due_work, shop_settings, shops
from shop_app.storage.connections import ShopConnection
from shop_app.storage.engine import Connection, shopless, transaction

_FIRST_WORK = {
    "backfill": timedelta(),
    "subscriptions": timedelta(),
    "bundles-live": timedelta(),
    "changes": timedelta(hours=1),
    "compare": timedelta(hours=24),
    "token": timedelta(days=1),
    "purge": timedelta(days=1),
}
"""What falls due for a fresh shop, and how long after its installation."""

_WORK_AGAIN = {
    "backfill": timedelta(),
    "changes": timedelta(),
    "subscriptions": timedelta(),
    "bundles-live": timedelta(),
}
"""What falls due where a connection is mended: what was missed meanwhile, and a reading that it broke off."""

_NEW_SCOPES_AFTER = timedelta(minutes=1)
"""How often at most a grant that lacks scopes is exchanged for a better one."""

_PLACEHOLDER_TIMEZONE = "UTC"  # until the shop itself has been read


@dataclass(frozen=True, slots=True)
class OpenedShop:
    """The shop that somebody looks at, and whether the app was installed in it, or connected anew, by this."""

    shop_id: int
    is_new_install: bool = False
    is_mended: bool = False


@dataclass(frozen=True, slots=True)
class _Install:
    """One way to a grant: what kind it is, since when it counts, when it is wanted, and how it is fetched."""

    grant_kind: str
    installed_at: datetime
    now: datetime
    is_wanted: Callable[[ShopConnection], bool]
    fetch: Callable[[str], TokenGrant]

    @property
    def is_by_look(self) -> bool:
        """Tell whether it comes of somebody's opening a page, not of their asking to install."""
        return self.grant_kind == "token_exchange"


def open_from_admin(token: SessionToken, raw: str, now: datetime) -> OpenedShop:
    """Return the shop of a verified session token, installing the app in it where that is to be done.

    Nobody opens a shop twice at once: the second waits, and finds what the first has brought.

    Raises
    ------
    NotVerifiedError
        The token is from before the shop threw the app out, or Shopify does not take it.
    RefusedError
        Shopify granted less than is needed. Nothing is kept of a shop that was new.
    GrantDeadError
        Shopify gives no access token. Nothing is kept of a shop that was new.
    TemporaryError
        Shopify did not answer. Nothing is kept of a shop that was new.
    """

    def is_wanted(current: ShopConnection) -> bool:
        if current.uninstalled_at is not None and token.issued_at < current.uninstalled_at:
            raise NotVerifiedError("This session token is from before the app was uninstalled.")
        return _needs_grant(current, now)

    # The token's own time, not ours: it is compared with what Shopify's webhooks say.
    wish = _Install(
        "token_exchange",
        token.issued_at,
        now,
        is_wanted,
        lambda domain: oauth.exchange_session_token(domain, raw),
    )
    return _install(token.shop_domain, wish)


def install_from_code(shop_domain: str, code: str, *, state_issued_at: datetime, now: datetime) -> OpenedShop:
    """Install the app by the code of an authorization-code grant whose state was made at ``state_issued_at``.

    Raises
    ------
    NotVerifiedError
        The state has led to an installation already.
    RefusedError, GrantDeadError, TemporaryError
        As :func:`open_from_admin`.
    """

    def is_wanted(current: ShopConnection) -> bool:
        if current.state != "uninstalled" and current.installed_at >= state_issued_at:
            raise NotVerifiedError("This installation has been finished already.")
        return True

    wish = _Install("authorization_code", now, now, is_wanted, lambda domain: oauth.exchange_code(domain, code))
    return _install(shop_domain, wish)


def install_own_app(shop_domain: str, *, now: datetime) -> OpenedShop:
    """Connect a shop by key and secret alone: the app and the shop belong to one organisation.

    Raises
    ------
    RefusedError, GrantDeadError, TemporaryError
        As :func:`open_from_admin`.
    """
    return _install(
        shop_domain, _Install("client_credentials", now, now, lambda _: True, oauth.client_credentials)
    )


def _install(shop_domain: str, wish: _Install) -> OpenedShop:
    """Fetch a grant where one is wanted, keep it, and queue the first work."""
    opened = _install_new(shop_domain, wish) or _install_known(shop_domain, wish)
    if opened.is_new_install:
        schedule_shop(opened.shop_id, now=wish.now)
    if opened.is_new_install or opened.is_mended:
        send(TaskName.BACKFILL_SHOP, opened.shop_id)
        send(TaskName.KEEP_SUBSCRIPTIONS, opened.shop_id)
    return opened


def _install_new(shop_domain: str, wish: _Install) -> OpenedShop | None:
    """Open the shop and connect it in one transaction; ``None`` where there is one of this domain.

    Another installation of the same domain waits at the first statement until this one has ended.
    """
    with shopless() as connection:
        if shops.find_id(connection, shop_domain) is not None:
            return None
        connections.wait_longer(connection)
        fresh = shops.create(connection, shop_domain)
        if fresh is None:
            return None
        grant = _checked(wish.fetch(shop_domain))
        _create_settings(connection, fresh, shop_domain)
        _connect(connection, fresh, grant, wish, _FIRST_WORK)
    return OpenedShop(fresh, is_new_install=True)


def _install_known(shop_domain: str, wish: _Install) -> OpenedShop:
    with shopless() as connection:
        shop_id = shops.find_id(connection, shop_domain)
    assert shop_id is not None  # noqa: S101 (shops are never deleted)
    with transaction(shop_id) as connection:
        seen = connections.find(connection, shop_id)
    if seen is not None and not wish.is_wanted(seen):
        return OpenedShop(shop_id)
    with transaction(shop_id) as connection:
        current = _locked(connection, shop_id)
        if current is not None and not wish.is_wanted(current):
            return OpenedShop(shop_id)
        return _take(connection, shop_id, wish.fetch(shop_domain), wish, current)


def _locked(connection: Connection, shop_id: int) -> ShopConnection | None:
    """Return the connection, locked; the shop itself is locked where it has none yet."""
    current = connections.lock(connection, shop_id)
    if current is not None:
        return current
    shops.lock(connection, shop_id)
    return connections.lock(connection, shop_id)  # whoever held the shop before has made one


def _take(
    connection: Connection, shop_id: int, grant: TokenGrant, wish: _Install, current: ShopConnection | None
) -> OpenedShop:
    is_known = current is not None and current.state != "uninstalled"
    if is_known and current is not None and current.state != "reconnect" and wish.is_by_look:
        connections.renew(connection, shop_id, tokens_of(grant, wish.now), at=wish.now)
        return OpenedShop(shop_id)
    if not is_known:
        if not shop_settings.write_source(connection, "shopify"):  # it may have been one of files
            _create_settings(connection, shop_id, shops.domain_of(connection, shop_id))  # or erased as a whole
        _checked(grant)
    _connect(connection, shop_id, grant, wish, _WORK_AGAIN if is_known else _FIRST_WORK)
    return OpenedShop(shop_id, is_new_install=not is_known, is_mended=is_known)


def _create_settings(connection: Connection, shop_id: int, shop_domain: str) -> None:
    shop_settings.create(
        connection,
        shop_id,
        title=shop_domain.removesuffix(".myshopify.com"),
        currency=shop_settings.UNKNOWN_CURRENCY,
        timezone=_PLACEHOLDER_TIMEZONE,
        source="shopify",
    )


def _connect(
    connection: Connection, shop_id: int, grant: TokenGrant, wish: _Install, work: dict[str, timedelta]
) -> None:
    connections.connect(
        connection,
        shop_id,
        tokens_of(grant, wish.now),
        grant_kind=wish.grant_kind,
        installed_at=wish.installed_at,
        at=wish.now,
    )
    for kind, delay in work.items():
        due_work.ensure_due(connection, shop_id, kind, due_at=wish.now + delay)


def _needs_grant(current: ShopConnection, now: datetime) -> bool:
    """Tell whether what we hold is of no more use, or lacks what the merchant may have granted since."""
    if current.state in ("uninstalled", "reconnect") or current.access_token is None:
        return True
    is_lasting = current.access_expires_at is None or current.grant_kind == "client_credentials"
    if not is_lasting and (current.refresh_expires_at or current.access_expires_at or now) <= now:
        return True
    tried = current.refreshed_at
    return bool(missing_scopes(current.scopes)) and (tried is None or tried < now - _NEW_SCOPES_AFTER)


def _checked(grant: TokenGrant) -> TokenGrant:
    missing = missing_scopes(grant.scopes)
    if missing:
        raise RefusedError(
            f"The store granted less than Kindred needs: {', '.join(missing)} is missing. Nothing was kept. "
            "Open Kindred in the Shopify admin again and agree to what it asks for."
        )
    return grant
