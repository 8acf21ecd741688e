"""Shopify's own customers as a destination: tags, metafields and segments, for the admin and for other apps."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from shop_app.destinations import (
    shopify_bulk,
    shopify_changes,
    shopify_definitions,
    shopify_one_by_one,
    shopify_reading,
    shopify_segments,
)
from shop_app.destinations.base import (
    Access,
    Connected,
    Destination,
    Document,
    Done,
    Group,
    Job,
    Labels,
    Limits,
    Outcome,
    Receipt,
    RemoteGroup,
    Row,
    Setting,
)
from shop_app.destinations.errors import BrokenConnectionError
from shop_app.destinations.shopify_errors import told_apart
from shop_app.destinations.shopify_labels import SETTINGS, document_of, is_on, ours_of, prefix_of
from shop_app.shopify.scopes import missing_scopes

_NEEDED = frozenset({"read_customers", "write_customers"})
"""Tags, metafields of customers, their definitions and segments: no other scope is asked for any of it."""


class ShopifyCustomers(Destination):
    """Labels at the shop's own customers.

    Only ``tagsAdd``, ``tagsRemove``, ``metafieldsSet`` and ``metafieldsDelete`` are used, never a mutation that
    replaces all tags; what is removed is what :attr:`Row.owned` names. Documents hold ``tags`` (in order, with
    their prefix) and ``metafields`` (texts by key). Nobody but the app can write to its metafields, so nothing
    of them has to be compared before they are set.
    """

    kind: ClassVar[str] = "shopify"
    name: ClassVar[str] = "Shopify customers"
    schema: ClassVar[tuple[Setting, ...]] = SETTINGS
    per_record: ClassVar[bool] = True
    limits: ClassVar[Limits] = Limits(chunk_rows=20_000, chunk_bytes=12_000_000)

    def __init__(self, settings: Mapping[str, Any], access: Access) -> None:
        super().__init__(settings, access)
        self._with_metafields = is_on(settings, "write_metafields")
        self._with_segments = is_on(settings, "native_segments")

    def check(self) -> Connected:
        """Find out whether customers of this shop may be written to, and which shop it is.

        Raises
        ------
        InvalidInputError
            The tag prefix is none.
        """
        prefix_of(self.settings)
        with told_apart():
            data = self.access.api().run("ShopFacts").data
        granted = [scope["handle"] for scope in data["currentAppInstallation"]["accessScopes"]]
        missing = sorted(_NEEDED & set(missing_scopes(granted)))
        if missing:
            raise BrokenConnectionError(
                f"This shop has not given the leave to write to customers ({', '.join(missing)}). Open Kindred "
                "in Shopify's admin and agree to what it asks for."
            )
        shop = data["shop"]
        return Connected(account_id=str(shop["id"]), account_name=f"{shop['name']} ({shop['myshopifyDomain']})")

    def desired(self, labels: Labels, *, previous: Document | None) -> Document | None:
        """Return tags and metafields for these labels; see :func:`document_of`."""
        prefix = prefix_of(self.settings)
        return document_of(labels, previous, prefix=prefix, with_metafields=self._with_metafields)

    def prepare(
        self, groups: Sequence[Group], known: Sequence[RemoteGroup]
    ) -> tuple[list[RemoteGroup], list[str]]:
        """Define our metafields and make a segment for each group, as far as the settings want them.

        What the settings do not want any more is left as it stands, and returned as it was known.
        """
        prefix = prefix_of(self.settings)
        definitions = [each for each in known if each.role == shopify_definitions.ROLE]
        segments = [each for each in known if each.role == shopify_segments.ROLE]
        problems: list[str] = []
        with told_apart(sends=True):
            api = self.access.api()
            if self._with_metafields:
                definitions, problems = shopify_definitions.prepare(api)
            if self._with_segments:
                segments, more = shopify_segments.prepare(api, groups, segments, prefix=prefix)
                problems = [*problems, *more]
        return [*definitions, *segments], problems

    def find(self, rows: Sequence[Row]) -> dict[int, str | None]:
        """Return customers' global ids, which follow from their numbers; who is gone the first step tells."""
        return {row.customer_id: shopify_changes.gid_of(row) for row in rows if row.remote_id is None}

    def steps(self, rows: Sequence[Row]) -> tuple[str, ...]:
        """Return which of removing and adding tags, setting and deleting metafields there is to do."""
        return shopify_changes.needed(rows)

    def submit(self, step: str, rows: Sequence[Row], groups: Sequence[RemoteGroup]) -> Receipt:
        """Make the changes of a step: by single calls, or by a bulk mutation from 1,000 changes on.

        Single calls that take longer than half a minute are a job as well, which every :meth:`poll` brings
        further; so are more than 1,000 where this app may run no bulk operations. Hand it the same rows: lines
        of a bulk mutation's answer are counted by them.
        """
        del groups
        changes, settled = shopify_changes.plan(step, rows)
        if not changes:
            return Done(settled)
        with told_apart(sends=True):
            api = self.access.api()
            if len(changes) >= shopify_bulk.FROM_ROWS:
                job = shopify_bulk.start(api, step, changes)
                if job is not None:
                    return job
            return _with(settled, shopify_one_by_one.go_on(api, step, changes))

    def poll(self, step: str, key: str, rows: Sequence[Row], groups: Sequence[RemoteGroup]) -> Receipt:
        """Return the outcomes of a bulk mutation, or that it is still running; go on with single calls."""
        del groups
        if shopify_one_by_one.is_ours(key):
            changes, settled = shopify_changes.plan(step, rows)
            with told_apart(sends=True):
                return _with(settled, shopify_one_by_one.go_on(self.access.api(), step, changes, key))
        with told_apart():
            found = shopify_bulk.look(self.access.api(), key)
            if isinstance(found, Job):
                return found
            changes, settled = shopify_changes.plan(step, rows)
            return Done(settled | shopify_bulk.outcomes_of(found, step, key, changes))

    def read_back(self, rows: Sequence[Row], groups: Sequence[RemoteGroup]) -> dict[int, Document | None]:
        """Return our tags and metafields at these customers; nobody else's tags are told of."""
        del groups
        by_gid = {gid: row for row in rows if (gid := shopify_changes.gid_of(row)) is not None}
        with told_apart():
            held = shopify_reading.read(self.access.api(), list(by_gid)) if by_gid else {}
        return {
            by_gid[gid].customer_id: ours_of(by_gid[gid], each.tags, each.values) for gid, each in held.items()
        }

    def drop_groups(self, groups: Sequence[RemoteGroup]) -> None:
        """Delete segments and definitions of ours; with a definition go all its values."""
        with told_apart(sends=True):
            api = self.access.api()
            for group in groups:
                if group.role == shopify_segments.ROLE:
                    shopify_segments.delete(api, group)
                elif group.role == shopify_definitions.ROLE:
                    shopify_definitions.delete(api, group)

    def recover(self, step: str, rows: Sequence[Row]) -> Job | None:
        """Find the bulk mutation that makes these changes, where the answer to its start was lost."""
        changes, _ = shopify_changes.plan(step, rows)
        if len(changes) < shopify_bulk.FROM_ROWS:
            return None
        with told_apart():
            return shopify_bulk.find_running(self.access.api(), step, changes)


def _with(settled: Mapping[int, Outcome], receipt: Receipt) -> Receipt:
    return receipt if isinstance(receipt, Job) else Done({**settled, **receipt.outcomes})
