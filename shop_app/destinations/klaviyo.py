"""Klaviyo as a destination: properties on profiles, lists of ours, and segments that follow the properties.

Consent is never changed: no call that could is known to this code.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from shop_app.destinations import (
    klaviyo_changes,
    klaviyo_events,
    klaviyo_groups,
    klaviyo_lists,
    klaviyo_membership,
    klaviyo_profiles,
    klaviyo_properties,
    klaviyo_segments,
    klaviyo_settings,
    klaviyo_writing,
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
    Receipt,
    RemoteGroup,
    Row,
    Setting,
)
from shop_app.destinations.errors import BrokenConnectionError, RejectedError
from shop_app.destinations.klaviyo_account import Account, account_of, missing_permissions, same_account
from shop_app.destinations.klaviyo_answers import CallRefusedError
from shop_app.destinations.klaviyo_api import KlaviyoApi
from shop_app.destinations.klaviyo_groups import GroupKind, Wanted
from shop_app.destinations.klaviyo_import import MOST_BYTES, MOST_ROWS, Entry
from shop_app.destinations.klaviyo_lists import LIST_KIND
from shop_app.destinations.klaviyo_outcomes import owners
from shop_app.destinations.klaviyo_segments import SEGMENT_KIND
from shop_app.errors import KindredError

LEAVE, PROPERTIES, JOIN, EVENTS = "leave-lists", "properties", "join-lists", "events"

_KINDS = (LIST_KIND, SEGMENT_KIND)


class Klaviyo(Destination):
    """One shop's account at Klaviyo; rows that lack a profile id are found by e-mail."""

    kind: ClassVar[str] = "klaviyo"
    name: ClassVar[str] = "Klaviyo"
    schema: ClassVar[tuple[Setting, ...]] = klaviyo_settings.SCHEMA
    per_record: ClassVar[bool] = False
    limits: ClassVar[Limits] = Limits(chunk_rows=MOST_ROWS, chunk_bytes=MOST_BYTES)

    def __init__(self, settings: Mapping[str, Any], access: Access) -> None:
        super().__init__(settings, access)
        key = str(settings.get(klaviyo_settings.PRIVATE_KEY) or "").strip()
        token = str(settings.get(klaviyo_settings.ACCESS_TOKEN) or "").strip()
        way = f"Bearer {token}" if token else f"Klaviyo-API-Key {key}" if key else None
        self._api = None if way is None else KlaviyoApi(way, account_id=access.account_id)

    def check(self) -> Connected:
        """Ask whose account it is, and name the permissions that reading turns out to lack.

        Whether the key may write is not known before it is tried: the first push that it may not make stops
        with the permission's name.

        Raises
        ------
        BrokenConnectionError
            The key is not accepted, or is of another account than the one that is pinned.
        """
        api = self._connected()
        account = self._pinned(account_of(api))
        return Connected(account.id, account.name, missing_permissions(api, self._reads()))

    def desired(self, labels: Labels, *, previous: Document | None) -> Document | None:
        """Return properties and lists as :mod:`shop_app.destinations.klaviyo_properties` says."""
        everybody = self._setting(klaviyo_settings.LIST_MEMBERS) == "everybody"
        with_lists = bool(self._setting(klaviyo_settings.LISTS))
        return klaviyo_properties.desired(labels, previous, with_lists=with_lists, everybody=everybody)

    def prepare(
        self, groups: Sequence[Group], known: Sequence[RemoteGroup]
    ) -> tuple[list[RemoteGroup], list[str]]:
        """Make the lists and segments whose id was never known; see :func:`klaviyo_groups.ensure`.

        What has been made is always told: where the segments fail after that, a sentence says so.
        """
        api = self._pinned_api()
        found: list[RemoteGroup] = []
        words: list[str] = []
        for kind, wanted in self._wanted(groups):
            kept = [each for each in known if each.role == kind.role]
            if not (kept or wanted):
                continue
            try:
                more, told = klaviyo_groups.ensure(api, kind, wanted, kept)
            except KindredError as error:
                if set(found) <= set(known):
                    raise
                more, told = kept, [klaviyo_groups.unmade_words(kind, wanted, error)]
            found += more
            words += told
        return found, words

    def find(self, rows: Sequence[Row]) -> dict[int, str | None]:
        """Look up profile ids by e-mail, 100 a call; nobody is made by this."""
        missing = [row for row in rows if row.remote_id is None]
        if not missing:
            return {}
        found = klaviyo_profiles.look_up(self._pinned_api(), (row.contact.email for row in missing))
        ids = {email: profile.id for email, profile in found.items()}
        return {row.customer_id: ids.get(klaviyo_profiles.folded(row.contact.email or "")) for row in missing}

    def steps(self, rows: Sequence[Row]) -> tuple[str, ...]:
        """Leave lists first, join them last: whoever is taken back is out before anything else is said."""
        needed = (
            (LEAVE, any(klaviyo_membership.lists_changed(row, "leave") for row in rows)),
            (PROPERTIES, any(klaviyo_writing.has_changes(row) for row in rows)),
            (JOIN, any(klaviyo_membership.lists_changed(row, "join") for row in rows)),
            (EVENTS, self._tells_changes() and any(klaviyo_changes.has_moved(row) for row in rows)),
        )
        return tuple(step for step, is_needed in needed if is_needed)

    def submit(self, step: str, rows: Sequence[Row], groups: Sequence[RemoteGroup]) -> Receipt:
        """Do one step; up to 50 profiles are written one by one, more by import jobs."""
        api = self._pinned_api()
        if step == PROPERTIES:
            entries, outcomes = self._entries(rows)
            receipt = klaviyo_writing.write(api, entries)
            return receipt if isinstance(receipt, Job) else Done({**outcomes, **receipt.outcomes})
        owning, twins = owners(rows)
        if step == EVENTS:
            return Done(twins | klaviyo_changes.tell(api, owning))
        return Done(
            twins | klaviyo_membership.change(api, "leave" if step == LEAVE else "join", owning, groups)
        )

    def poll(
        self,
        step: str,
        key: str,
        rows: Sequence[Row],
        groups: Sequence[RemoteGroup],
    ) -> Receipt:
        """Ask what became of the import jobs that ``key`` names; ``rows`` are those that were submitted."""
        del step, groups
        entries, outcomes = self._entries(rows)
        receipt = klaviyo_writing.poll(self._pinned_api(), key, entries)
        return receipt if isinstance(receipt, Job) else Done({**outcomes, **receipt.outcomes})

    def recover(self, step: str, rows: Sequence[Row]) -> Job | None:
        """Find an import of ours that is under way unanswered; what it did is then read off the profiles."""
        if step != PROPERTIES:
            return None
        entries, _ = self._entries(rows)
        return klaviyo_writing.recover(self._pinned_api(), entries)

    def read_back(self, rows: Sequence[Row], groups: Sequence[RemoteGroup]) -> dict[int, Document | None]:
        """Return our properties, and which of our lists each profile is in: 100 profiles a call and list."""
        api = self._pinned_api()
        profiles = klaviyo_profiles.look_up_rows(api, rows)
        inside = klaviyo_lists.lists_by_profile(api, list(profiles.values()), groups)
        documents: dict[int, Document | None] = {}
        for customer_id, profile in profiles.items():
            properties = klaviyo_properties.ours(profile.properties)
            lists = sorted(inside.get(profile.id, ()))
            documents[customer_id] = {"properties": properties, "lists": lists} if properties or lists else None
        return documents

    def drop_groups(self, groups: Sequence[RemoteGroup]) -> None:
        """Delete these lists and segments, by id alone; profiles stay as they are."""
        api = self._pinned_api()
        refused: list[str] = []
        for kind in _KINDS:
            for group in groups:
                if group.role != kind.role:
                    continue
                try:
                    klaviyo_groups.drop(api, kind, group.remote_id)
                except CallRefusedError as error:
                    refused.append(f"The {kind.word} “{group.name}” could not be deleted. {error}")
        if refused:
            raise RejectedError(" ".join(refused))

    def read_engagement(self, since: datetime, until: datetime) -> Iterator[klaviyo_events.EmailEvent]:
        """Read e-mail events as :func:`klaviyo_events.read_engagement` says; none where that is off."""
        if not self._setting(klaviyo_settings.ENGAGEMENT):
            return
        api = self._pinned_api()
        yield from klaviyo_events.read_engagement(api, klaviyo_events.metric_ids(api), since, until)

    def _setting(self, name: str) -> Any:  # noqa: ANN401 (of the setting's own type)
        return klaviyo_settings.value_of(self.settings, name)

    def _wanted(self, groups: Sequence[Group]) -> list[tuple[GroupKind, list[Wanted]]]:
        """Return what is to stand there of each kind: none of one that is switched off."""
        lists = [Wanted(group) for group in groups if klaviyo_properties.is_listed(group.slug)]
        segments = [Wanted(group, klaviyo_segments.definition_of(group)) for group in groups]
        return [
            (LIST_KIND, lists if self._setting(klaviyo_settings.LISTS) else []),
            (SEGMENT_KIND, segments if self._setting(klaviyo_settings.SEGMENTS) else []),
        ]

    def _tells_changes(self) -> bool:
        return bool(self._setting(klaviyo_settings.EVENTS))

    def _reads(self) -> tuple[str, ...]:
        """Return what has to be readable with these settings."""
        switched = (klaviyo_settings.SEGMENTS, klaviyo_settings.ENGAGEMENT)
        return tuple(name for name in switched if self._setting(name))

    def _entries(self, rows: Sequence[Row]) -> tuple[list[Entry], dict[int, Any]]:
        owning, twins = owners(rows)
        may_create = bool(self._setting(klaviyo_settings.CREATE_PROFILES))
        entries, outcomes = klaviyo_writing.entries_of(owning, may_create=may_create)
        return entries, twins | outcomes

    def _connected(self) -> KlaviyoApi:
        if self._api is None:
            raise BrokenConnectionError("There is no private key of Klaviyo's yet; enter one in its settings.")
        return self._api

    def _pinned_api(self) -> KlaviyoApi:
        """Return the interface, once it is certain that it leads to the pinned account."""
        api = self._connected()
        if self.access.account_id is not None:
            self._pinned(same_account(api))
        return api

    def _pinned(self, account: Account) -> Account:
        pinned = self.access.account_id
        if pinned is not None and account.id != pinned:
            raise BrokenConnectionError(
                f"This private key is of the Klaviyo account “{account.name}” ({account.id}), and this "
                f"destination is connected with the account {pinned}. Nothing was sent. Enter a key of that "
                "account, or remove the destination and connect the other account anew."
            )
        return account
