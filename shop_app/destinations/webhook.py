"""Webhook: one signed POST for each customer who moves, to an address of the merchant's own.

A receiver cannot be asked what it holds, so :meth:`OutgoingWebhook.read_back` returns what is known to have
been taken. After an answer that never came, the event is sent again: its id is the same, so that the receiver
can tell that it had it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from shop_app.destinations.base import (
    Connected,
    Destination,
    Document,
    Done,
    Group,
    Labels,
    Limits,
    Outcome,
    Receipt,
    RemoteGroup,
    Row,
    Setting,
)
from shop_app.destinations.errors import BrokenConnectionError, RejectedError
from shop_app.destinations.webhook_events import change_of, name_of, new_secret, ping
from shop_app.destinations.webhook_posting import ClosedError, NotTakenError, Receiver, post_all
from shop_app.errors import InvalidInputError
from shop_app.wire.public_addresses import checked_public_url, checked_spelling

_POST = "post"
_TOLD_ALONG = ("segment_name", "reason", "as_of")
_SHORTEST_SECRET = 16


class OutgoingWebhook(Destination):
    """Tells a receiver of every move between segments; it holds nothing that could be read back."""

    kind: ClassVar[str] = "webhook"
    name: ClassVar[str] = "Webhook"
    per_record: ClassVar[bool] = False
    can_read_back: ClassVar[bool] = False
    """Nobody can be asked: what was acknowledged is all that is known."""
    limits: ClassVar[Limits] = Limits(chunk_rows=50)
    schema: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "url",
            "Address",
            "url",
            "Where events are posted to: https, port 443 or 8443, on the open internet.",
            required=True,
        ),
        Setting(
            "secret",
            "Signing secret",
            "secret",
            "The receiver tells by it that an event comes from here. Left empty, one is made for you.",
        ),
        Setting(
            "with_email",
            "Include e-mail addresses",
            "yes_no",
            "Only where the receiver has to find customers by them; Shopify's number is always there.",
            default=False,
        ),
        Setting(
            "first_run",
            "To begin with",
            "choice",
            "Whether everybody's segment is sent once, or only who moves from now on.",
            default="changes",
            choices=(("changes", "Only changes from now on"), ("everybody", "Everybody once")),
        ),
    )

    @classmethod
    def completed(cls, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings as they are to be saved: the address looked at, a secret made where there is none.

        Raises
        ------
        InvalidInputError
            The address is none that may be called, or the secret is too short.
        """
        secret = str(settings.get("secret") or "") or new_secret()
        if len(secret) < _SHORTEST_SECRET:
            raise InvalidInputError(
                f"secret: a signing secret has {_SHORTEST_SECRET} characters at least; leave it empty to have "
                "one made.",
                field="secret",
            )
        url = checked_public_url(str(settings.get("url") or ""), field="url")
        return {**settings, "url": url, "secret": secret}

    def check(self) -> Connected:
        """Post a signed ping, which has to be taken."""
        receiver = self._receiver()
        checked_public_url(receiver.url, field="url")
        try:
            receiver.post(ping(shop=receiver.shop))
        except (ClosedError, NotTakenError) as error:
            raise BrokenConnectionError(
                f"url: {error} A test event must be answered with a status from 200 to 299."
            ) from None
        warnings = () if receiver.url.startswith("https://") else ("This address is not encrypted.",)
        return Connected(_account_of(receiver.url), receiver.host, warnings)

    def desired(self, labels: Labels, *, previous: Document | None) -> Document | None:
        """Return segment and labels; name, reason and day are told along, and change nothing by themselves."""
        if labels.segment is None:
            return None if previous is None else {"membership": {}, "labels": []}
        membership = {
            "segment": labels.segment,
            "segment_name": labels.segment_name,
            "may_mail": labels.may_mail,
            "reason": labels.reason,
            "as_of": labels.as_of,
        }
        fresh: Document = {"membership": membership, "labels": sorted(set(labels.others))}
        return previous if previous is not None and _core(previous) == _core(fresh) else fresh

    def prepare(
        self, groups: Sequence[Group], known: Sequence[RemoteGroup]
    ) -> tuple[list[RemoteGroup], list[str]]:
        """Return nothing: there is nothing at a receiver that stands by itself."""
        del groups, known
        return [], []

    def find(self, rows: Sequence[Row]) -> dict[int, str | None]:
        """Name customers by Shopify's number, or by their address where that may be sent."""
        return {row.customer_id: name_of(row) if self._is_known_there(row) else None for row in rows}

    def steps(self, rows: Sequence[Row]) -> tuple[str, ...]:
        """Return the one step there is, if anybody has moved."""
        return (_POST,) if any(_has_moved(row) for row in rows) else ()

    def submit(self, step: str, rows: Sequence[Row], groups: Sequence[RemoteGroup]) -> Receipt:
        """Post an event for each who has moved; sent again, it has the same id."""
        del step, groups
        receiver = self._receiver()
        if self.access.account_id not in (None, _account_of(receiver.url)):
            raise BrokenConnectionError(
                "url: this is another address than the one that was tested. Test the connection again."
            )
        outcomes = {row.customer_id: Outcome("ok") for row in rows if not _has_moved(row)}
        moved = [row for row in rows if _has_moved(row)]
        events = {
            row.customer_id: change_of(row, shop=receiver.shop, with_email=self._with_email)
            for row in moved
            if self._is_known_there(row)
        }
        outcomes |= {row.customer_id: _nameless() for row in moved if row.customer_id not in events}
        return Done(outcomes | post_all(receiver, events, probe=lambda: ping(shop=receiver.shop)))

    def poll(self, step: str, key: str, rows: Sequence[Row], groups: Sequence[RemoteGroup]) -> Receipt:
        """Refuse: an event is answered at once, and nothing goes on at the other side."""
        del step, key, rows, groups
        raise RejectedError("A webhook is answered at once; there is no job to ask about.")

    def read_back(self, rows: Sequence[Row], groups: Sequence[RemoteGroup]) -> dict[int, Document | None]:
        """Return what is known to have been taken: what is not, is sent again."""
        del groups
        return {row.customer_id: row.before for row in rows}

    def drop_groups(self, groups: Sequence[RemoteGroup]) -> None:
        """Do nothing: there is nothing of ours at a receiver."""
        del groups

    @property
    def _with_email(self) -> bool:
        return self.settings.get("with_email") is True

    def _receiver(self) -> Receiver:
        url, secret = str(self.settings.get("url") or ""), str(self.settings.get("secret") or "")
        if not url:
            raise BrokenConnectionError("url: no address is given yet.")
        if not secret:
            raise BrokenConnectionError("secret: there is no signing secret; save the settings once more.")
        try:
            return Receiver(checked_spelling(url), secret, self.access.shop_domain)
        except InvalidInputError as error:
            raise BrokenConnectionError(str(error)) from None

    def _is_known_there(self, row: Row) -> bool:
        """Tell whether a receiver can tell who is meant: by Shopify's number, by address, or from before."""
        by_address = self._with_email and bool(row.contact.email)
        return row.remote_id is not None or row.contact.shopify_id is not None or by_address


def _core(document: Document | None) -> tuple[dict[str, Any], list[str]]:
    """Return what a move is told by; nothing said at all is the same as no document."""
    held = document or {}
    said = held.get("membership") or {}
    kept = {key: value for key, value in said.items() if key not in _TOLD_ALONG and value is not None}
    return kept, sorted(held.get("labels") or ())


def _has_moved(row: Row) -> bool:
    return _core(row.before) != _core(row.after)


def _account_of(url: str) -> str:
    """Return what an address is known by: its path often is a secret, and stays out of tables and screens."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def _nameless() -> Outcome:
    return Outcome(
        "rejected",
        "This customer has no number in Shopify, and e-mail addresses are not included, so nobody could tell "
        "who is meant.",
    )
