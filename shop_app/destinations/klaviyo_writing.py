"""Properties brought to profiles: one by one where they are few, by import where they are many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from shop_app.destinations import klaviyo_import, klaviyo_profiles
from shop_app.destinations.base import Done, Job, Outcome, Receipt, Row
from shop_app.destinations.documents import difference
from shop_app.destinations.klaviyo_answers import CallRefusedError
from shop_app.destinations.klaviyo_api import KlaviyoApi
from shop_app.destinations.klaviyo_import import Entry
from shop_app.destinations.klaviyo_outcomes import ABSENT, OK, in_turn, refusal, words_of
from shop_app.destinations.klaviyo_profiles import Profile
from shop_app.destinations.klaviyo_properties import SENTINELS, ours

FEW = 50
"""Up to here profiles are written one by one: an import "should not be used for a small number"."""

_CONFLICT, _GONE = 409, 404

_BAD_EMAIL = Outcome("rejected", "The e-mail address is not one that Klaviyo takes. Correct it in Shopify.")


@dataclass(frozen=True, slots=True)
class Key:
    """What is to be remembered of an import: its jobs, and who was left out of it with Klaviyo's words.

    ``unsure``: the job may be somebody else's, so that its outcome is read off the profiles.
    """

    jobs: tuple[str, ...]
    refused: Mapping[int, str] = field(default_factory=dict)
    unsure: bool = False

    def text(self) -> str:
        """Return it as one text."""
        refused = {str(customer_id): words for customer_id, words in self.refused.items()}
        return orjson.dumps({"jobs": self.jobs, "refused": refused, "unsure": self.unsure}).decode()

    @classmethod
    def of(cls, text: str) -> "Key":
        """Return what :meth:`text` says."""
        read = orjson.loads(text)
        return cls(tuple(read["jobs"]), {int(k): v for k, v in read["refused"].items()}, read["unsure"])


def entries_of(rows: Sequence[Row], *, may_create: bool) -> tuple[list[Entry], dict[int, Outcome]]:
    """Return what is to be written, and the outcomes of those for whom there is nothing to do or no way.

    A customer without a profile is written to (by e-mail, which makes one) only with ``may_create``, and
    never to take something back.
    """
    entries: list[Entry] = []
    outcomes: dict[int, Outcome] = {}
    for row in rows:
        values, unset = _changes(row)
        if row.remote_id is None and not (may_create and row.after and not unset and row.contact.email):
            outcomes[row.customer_id] = ABSENT
        elif row.remote_id is None and not klaviyo_profiles.is_sound_email(row.contact.email):
            outcomes[row.customer_id] = _BAD_EMAIL
        elif values or unset:
            entries.append(Entry(row, values, unset))
        else:
            outcomes[row.customer_id] = OK
    return entries, outcomes


def has_changes(row: Row) -> bool:
    """Tell whether a row changes any property."""
    return any(_changes(row))


def write(api: KlaviyoApi, entries: Sequence[Entry]) -> Receipt:
    """Write the properties of all entries; doing it again gives the same state."""
    if len(entries) <= FEW:
        return Done(in_turn(entries, lambda entry: _write_one(api, entry)))
    jobs: list[str] = []
    refused: dict[int, str] = {}
    for chunk in klaviyo_import.cut(entries):
        job_id, words = klaviyo_import.start(api, chunk)
        refused |= words
        if job_id is not None:
            jobs.append(job_id)
    if not jobs:
        return Done({customer_id: refusal(words) for customer_id, words in refused.items()})
    return Job(Key(tuple(jobs), refused).text())


def poll(api: KlaviyoApi, text: str, entries: Sequence[Entry]) -> Receipt:
    """Ask what became of an import; when it is over, every customer gets their own outcome.

    Whoever is not named in its errors is ok, unless Klaviyo's account of it cannot be relied on: then only
    those whose profile is seen to hold what was written are.
    """
    key = Key.of(text)
    states = [klaviyo_import.state_of(api, job_id) for job_id in key.jobs]
    if not all(state.is_over for state in states):
        return Job(text, max(state.pause_seconds for state in states))
    sent = [entry for entry in entries if entry.customer_id not in key.refused]
    failed: dict[int, str] = {}
    unsure = key.unsure or not all(state.is_whole for state in states)
    for job_id, state in zip(key.jobs, states, strict=True):
        if state.failed:
            in_order = len(key.jobs) == 1 and state.total == len(sent)
            named, unnamed = klaviyo_import.failures_of(api, job_id, sent, in_order=in_order)
            failed |= {customer_id: problem.words for customer_id, problem in named.items()}
            unsure = unsure or unnamed > 0 or len(named) + unnamed < state.failed
    outcomes = {customer_id: refusal(words) for customer_id, words in key.refused.items()}
    outcomes |= _after_failure(api, [entry for entry in sent if entry.customer_id in failed], failed)
    outcomes |= _settled(api, [entry for entry in sent if entry.customer_id not in failed], unsure=unsure)
    return Done(outcomes)


def recover(api: KlaviyoApi, entries: Sequence[Entry]) -> Job | None:
    """Find the import that was started and not answered, by its number of rows."""
    if len(entries) <= FEW:
        return None
    job_id = klaviyo_import.find_unanswered(api, len(next(klaviyo_import.cut(entries))))
    return None if job_id is None else Job(Key((job_id,), unsure=True).text())


def _changes(row: Row) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return properties to write and names to take away; what is not ours is never among them."""
    written = difference(row.before, row.after).written.get("properties", {})
    values = {name: value for name, value in written.items() if name in SENTINELS and value is not None}
    unset = tuple(name for name, value in written.items() if name in SENTINELS and value is None)
    return values, unset


def _write_one(api: KlaviyoApi, entry: Entry) -> Outcome:
    values = {**entry.values, **dict.fromkeys(entry.unset)}
    profile_id, email = entry.row.remote_id, entry.row.contact.email
    try:
        klaviyo_profiles.write(api, values, profile_id=profile_id, email=email)
    except CallRefusedError as error:
        if error.status == _GONE and profile_id is not None:
            return _write_moved(api, entry)
        if error.status == _CONFLICT and (twin := _duplicate_of(error)) and profile_id is None:
            return _write_to(api, values, twin)
        return refusal(words_of(error))
    return OK


def _write_to(api: KlaviyoApi, values: Mapping[str, Any], profile_id: str) -> Outcome:
    """Write to this profile and no other, whatever becomes of it."""
    try:
        klaviyo_profiles.write(api, values, profile_id=profile_id)
    except CallRefusedError as error:
        return refusal(words_of(error))
    return OK


def _write_moved(api: KlaviyoApi, entry: Entry) -> Outcome:
    """Write all there is to say to the profile that has the address now: ids end when profiles merge."""
    email = klaviyo_profiles.folded(entry.row.contact.email or "")
    profile = klaviyo_profiles.look_up(api, [email]).get(email)
    if profile is None or profile.id == entry.row.remote_id:
        return ABSENT
    return _write_to(api, _whole(entry), profile.id)


def _whole(entry: Entry) -> dict[str, Any]:
    """Return everything that the profile is to hold of ours, for one of which nothing is known."""
    return {**ours((entry.row.after or {}).get("properties") or {}), **dict.fromkeys(entry.unset)}


def _after_failure(api: KlaviyoApi, entries: Sequence[Entry], words: Mapping[int, str]) -> dict[int, Outcome]:
    """Tell each failed row: written to the profile it has become, absent, or rejected with Klaviyo's words."""
    known = [entry for entry in entries if entry.row.remote_id is not None]
    there = klaviyo_profiles.look_up_ids(api, [str(entry.row.remote_id) for entry in known]) if known else {}
    outcomes = {}
    for entry in entries:
        if entry.row.remote_id is not None and entry.row.remote_id not in there:
            outcomes[entry.customer_id] = _write_moved(api, entry)
        else:
            outcomes[entry.customer_id] = refusal(words[entry.customer_id])
    return outcomes


def _settled(api: KlaviyoApi, entries: Sequence[Entry], *, unsure: bool) -> dict[int, Outcome]:
    """Return who is done; properties that an import has left standing are cleared one by one."""
    looked_at = [entry for entry in entries if unsure or entry.unset]
    outcomes = {entry.customer_id: OK for entry in entries if not (unsure or entry.unset)}
    there = klaviyo_profiles.look_up_rows(api, [entry.row for entry in looked_at]) if looked_at else {}
    for entry in looked_at:
        profile = there.get(entry.customer_id)
        if profile is None and entry.row.remote_id is None:
            continue  # not made yet
        if profile is None:
            outcomes[entry.customer_id] = ABSENT
        elif not unsure or _holds(profile, entry):
            left = [name for name in entry.unset if profile.properties.get(name) is not None]
            outcomes[entry.customer_id] = _write_to(api, dict.fromkeys(left), profile.id) if left else OK
    return outcomes


def _holds(profile: Profile, entry: Entry) -> bool:
    return all(profile.properties.get(name) == value for name, value in entry.values.items())


def _duplicate_of(error: CallRefusedError) -> str | None:
    return next((each.duplicate_profile_id for each in error.problems if each.duplicate_profile_id), None)
