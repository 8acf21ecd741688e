"""A shop's access token, always a usable one: refreshed by one caller at a time, kept before it is used."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from shop_app.errors import RefusedError, TemporaryError
from shop_app.services.at_work import at_work
from shop_app.shopify import cost_budget, oauth
from shop_app.shopify.admin_api import AdminApi, Answer
from shop_app.shopify.admin_errors import AccessDeadError, ShopFrozenError
from shop_app.shopify.oauth import GrantDeadError, TokenGrant
from shop_app.storage import connections, due_work, shops
from shop_app.storage.connections import ShopConnection, Tokens
from shop_app.storage.engine import Connection, shopless, transaction

_EARLY = timedelta(minutes=5)
"""How long before its end an access token is replaced, so that it outlives the call it is fetched for."""

_IDLE = timedelta(days=7)
"""A refresh token lives 90 days; one that nobody used for a week is used, so that the chain never ends."""

_LOOK_AGAIN = timedelta(days=1)
_LOOK_AT_FROZEN = timedelta(hours=1)

DEAD_WORDS = "Shopify no longer accepts this app's token for the store."


class NotConnectedError(RefusedError):
    """The shop has left, or must be connected anew by a person; Shopify is not asked at all."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a look under the lock came to; an error is raised after the commit, so that what it says stays."""

    token: str = ""
    error: Exception | None = None


def access_token(shop_id: int, now: datetime) -> str:
    """Return a token that lives for five more minutes, refreshing it first where need be.

    Raises
    ------
    NotConnectedError
        The shop has left, or its grant is dead.
    TemporaryError
        The token has ended and Shopify gave no answer; the old refresh token is tried again next time.
    """
    with transaction(shop_id) as connection:
        found = _usable(connections.find(connection, shop_id))
    if found.access_token is not None and _lives(found, now + _EARLY):
        return found.access_token
    return _renewed(shop_id, now, is_wanted=lambda current: not _lives(current, now + _EARLY))


def shop_api(shop_id: int, now: datetime) -> AdminApi:
    """Return the shop's interface: it takes a fresh token by itself, and notes down where the shop is shut.

    Raises
    ------
    NotConnectedError, TemporaryError
        As :func:`access_token`.
    """
    with shopless() as connection:
        domain = shops.domain_of(connection, shop_id)
    return _ShopApi(shop_id, domain, access_token(shop_id, now), now)


def renew_refused_token(shop_id: int, refused: str, now: datetime) -> str:
    """Return another token than this one, which Shopify refused before its time.

    Raises
    ------
    NotConnectedError
        There is no other to be had: the shop is marked as one to reconnect.
    TemporaryError
        Shopify gave no answer.
    """
    return _renewed(shop_id, now, is_wanted=lambda current: current.access_token == refused)


def mark_dead(shop_id: int, *, refused: str | None = None, reason: str = DEAD_WORDS) -> bool:
    """Say that only a person can connect this shop again: what needs Shopify waits, every page says so.

    Where ``refused`` is not the shop's token any more, it has been replaced meanwhile: that stands, and
    ``False`` is returned.
    """
    with transaction(shop_id) as connection:
        current = connections.lock(connection, shop_id)
        if current is not None and refused in (None, current.access_token):
            connections.mark(connection, shop_id, "reconnect", reason)
        elif current is not None and current.state == "connected":
            return False
    return True


def mark_frozen(shop_id: int, now: datetime) -> None:
    """Say that Shopify has frozen the shop: what needs Shopify waits until it is let go."""
    with transaction(shop_id) as connection:
        connections.mark(connection, shop_id, "frozen", "Shopify has frozen the store.")
        due_work.ensure_due(connection, shop_id, "token", due_at=now + _LOOK_AT_FROZEN)


def look_at_frozen_soon(shop_id: int, now: datetime) -> None:
    """Have Shopify asked within the minute whether a shop is still frozen: somebody is looking at it."""
    with transaction(shop_id) as connection:
        due_work.ensure_due(connection, shop_id, "token", due_at=now)


def mark_connected(shop_id: int, now: datetime) -> None:
    """Say that Shopify answers for a shop that was frozen; what has waited for that goes on."""
    with transaction(shop_id) as connection:
        current = connections.lock(connection, shop_id)
        if current is not None and current.state == "frozen":
            connections.mark(connection, shop_id, "connected")
            for kind in ("backfill", "changes", "subscriptions"):
                due_work.ensure_due(connection, shop_id, kind, due_at=now)


def keep_token_due(shop_id: int, *, now: datetime) -> None:
    """Use the refresh token of a shop that nobody has opened for a week; look again tomorrow.

    A grant that Shopify refused is tried once a day too: the refusal may have been a wrong secret of ours. So
    is a frozen shop, which nobody tells us of when it is let go, every hour.
    """
    with transaction(shop_id) as connection:
        is_frozen = connections.read_state(connection).state == "frozen"
    with at_work(shop_id, "token", now, next_at=now + (_LOOK_AT_FROZEN if is_frozen else _LOOK_AGAIN)):
        if is_frozen:
            _look_at_frozen(shop_id, now)
            return
        with transaction(shop_id) as connection:
            found = connections.find(connection, shop_id)
        if found is not None and found.state != "uninstalled" and _is_idle(found, now):
            with suppress(NotConnectedError):  # it is marked, and every page says so
                _renewed(shop_id, now, is_wanted=lambda current: _is_idle(current, now), even_dead=True)


class _ShopApi(AdminApi):
    """One shop's interface that looks after the shop's connection, whoever calls it."""

    def __init__(self, shop_id: int, shop_domain: str, access_token: str, now: datetime) -> None:
        budget = cost_budget.budget_of(shop_id)
        super().__init__(shop_domain, access_token, budget, renew=self._another_token)
        self._shop_id, self._now = shop_id, now

    def in_background(self) -> AdminApi:
        """Return the same for a long reading."""
        quiet = _ShopApi(self._shop_id, self.shop_domain, self._access_token, self._now)
        quiet.budget = self.budget.in_background()
        return quiet

    def run(self, document_name: str, variables: Mapping[str, object] | None = None) -> Answer:
        """Run a document; a token that is refused twice and a frozen shop are noted down."""
        try:
            return super().run(document_name, variables)
        except AccessDeadError:
            if mark_dead(self._shop_id, refused=self._access_token):
                raise
            raise TemporaryError("The token that Shopify refused has been replaced meanwhile.") from None
        except ShopFrozenError:
            mark_frozen(self._shop_id, self._now)
            raise

    def _another_token(self, refused: str) -> str:
        return renew_refused_token(self._shop_id, refused, self._now)


def _look_at_frozen(shop_id: int, now: datetime) -> None:
    with suppress(NotConnectedError, ShopFrozenError, AccessDeadError, TemporaryError):
        shop_api(shop_id, now).run("ShopFacts")
        mark_connected(shop_id, now)


def tokens_of(grant: TokenGrant, now: datetime) -> Tokens:
    """Return a grant with the moments at which its tokens end, counted from before it was asked for."""
    return Tokens(
        access_token=grant.access_token,
        access_expires_at=_after(now, grant.expires_in_seconds),
        refresh_token=grant.refresh_token,
        refresh_expires_at=_after(now, grant.refresh_expires_in_seconds),
        scopes=grant.scopes,
    )


def _renewed(
    shop_id: int, now: datetime, *, is_wanted: Callable[[ShopConnection], bool], even_dead: bool = False
) -> str:
    """Refresh under the shop's lock, unless whoever held it before has done so already."""
    with transaction(shop_id) as connection:
        current = _usable(connections.lock(connection, shop_id), even_dead=even_dead)
        if current.access_token is not None and not is_wanted(current):
            return current.access_token
        outcome = _renew(connection, shop_id, current, now)
    if outcome.error is not None:
        raise outcome.error
    return outcome.token


def _renew(connection: Connection, shop_id: int, current: ShopConnection, now: datetime) -> _Outcome:
    try:
        grant = _ask(shops.domain_of(connection, shop_id), current)
    except GrantDeadError as error:
        connections.mark(connection, shop_id, "reconnect", str(error))
        return _Outcome(error=NotConnectedError(f"{error} Open Kindred in the Shopify admin to reconnect it."))
    except TemporaryError as error:
        if current.access_token is not None and _lives(current, now):
            return _Outcome(current.access_token)  # it was fetched early, so there is time to try again
        return _Outcome(error=error)
    connections.renew(connection, shop_id, tokens_of(grant, now), at=now)
    return _Outcome(grant.access_token)


def _ask(shop_domain: str, current: ShopConnection) -> TokenGrant:
    if current.grant_kind == "client_credentials":
        return oauth.client_credentials(shop_domain)
    if current.refresh_token is None:
        raise GrantDeadError(DEAD_WORDS)
    return oauth.refresh(shop_domain, current.refresh_token)


def _usable(current: ShopConnection | None, *, even_dead: bool = False) -> ShopConnection:
    if current is None or current.state == "uninstalled":
        raise NotConnectedError("This shop is not connected to Shopify.")
    if current.state == "reconnect" and not even_dead:
        raise NotConnectedError(f"This shop has to be connected anew: {current.reason or DEAD_WORDS}")
    return current


def _lives(current: ShopConnection, until: datetime) -> bool:
    return current.access_expires_at is None or current.access_expires_at > until


def _is_idle(current: ShopConnection, now: datetime) -> bool:
    if current.state == "reconnect":
        return True
    return current.refresh_token is not None and (
        current.refreshed_at is None or current.refreshed_at < now - _IDLE
    )


def _after(now: datetime, seconds: int | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)
