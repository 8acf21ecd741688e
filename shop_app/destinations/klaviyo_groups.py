"""Lists and segments of ours at Klaviyo: found again by id, made where none is known, never taken by name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shop_app.destinations.base import Group, RemoteGroup
from shop_app.destinations.errors import OutcomeUnknownError
from shop_app.destinations.klaviyo_answers import CallRefusedError, Json
from shop_app.destinations.klaviyo_api import KlaviyoApi, quoted
from shop_app.errors import KindredError

_PAGE = 10
"""Lists and segments in one page: Klaviyo gives no more."""
_PATIENCE_SECONDS = 2.0
"""Who waits for a webhook waits behind us: what has been made is told, and the rest comes a minute later."""
GONE = 404


@dataclass(frozen=True, slots=True)
class GroupKind:
    """Lists or segments: how they are called, where they are, and what they are made of."""

    role: str
    word: str
    collection: str
    single: str

    def body(self, name: str, definition: Json | None) -> Json:
        """Return what makes one."""
        more = {} if definition is None else {"definition": definition}
        return {"data": {"type": self.role, "attributes": {"name": name, **more}}}


def names_of(api: KlaviyoApi, kind: GroupKind, ids: Sequence[str]) -> dict[str, str]:
    """Return what the groups with these ids are called now; one that is gone is missing."""
    return dict(_read(api, kind, "id", ids))


def ids_named(api: KlaviyoApi, kind: GroupKind, names: Sequence[str]) -> dict[str, set[str]]:
    """Return the ids of all groups with exactly these names: names are not unique at Klaviyo."""
    found: dict[str, set[str]] = {}
    for remote_id, name in _read(api, kind, "name", names):
        found.setdefault(name, set()).add(remote_id)
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """A group that is to stand there; ``definition`` is what a segment is made of."""

    group: Group
    definition: Json | None = None


def ensure(
    api: KlaviyoApi, kind: GroupKind, wanted: Sequence[Wanted], known: Sequence[RemoteGroup]
) -> tuple[list[RemoteGroup], list[str]]:
    """Return the groups of ours that stand there, making those whose id was never known, and sentences.

    One that the merchant has renamed keeps their name. One that the merchant has deleted is told, and not made
    again as long as its id is known.

    Raises
    ------
    BrokenConnectionError, SlowDownError, TemporaryError, RejectedError
        Before anything was made. After that, what was made is returned, and the rest is told in a sentence.
    """
    there = names_of(api, kind, [each.remote_id for each in known])
    found = [
        RemoteGroup(kind.role, each.slug, each.remote_id, there[each.remote_id])
        for each in known
        if each.remote_id in there
    ]
    slugs = {each.group.slug for each in wanted}
    words = [_deleted(kind, each) for each in known if each.remote_id not in there and each.slug in slugs]
    missing = [each for each in wanted if each.group.slug not in {one.slug for one in known}]
    made, more = _make_all(api, kind, missing)
    return [*found, *made], [*words, *more]


def drop(api: KlaviyoApi, kind: GroupKind, remote_id: str) -> None:
    """Delete one; whoever is in it stays a profile as it was. One that is gone already is let be."""
    try:
        api.send("DELETE", kind.single, None, id=remote_id)
    except CallRefusedError as error:
        if error.status != GONE:
            raise


def unmade_words(kind: GroupKind, wanted: Sequence[Wanted], error: KindredError) -> str:
    """Return the sentence about groups that could not be made after others were."""
    names = ", ".join(f"“{one.group.name}”" for one in wanted)
    return f"Not made in Klaviyo yet, and tried again in a minute: the {kind.word} {names}. {error}"


def gone_words(word: str, name: str) -> str:
    """Return the sentence about a group that the merchant has deleted."""
    return (
        f"The {word} “{name}” was deleted in Klaviyo and is not made again by itself; nobody is put into it. "
        "`kindred destinations --make-again klaviyo` makes it again."
    )


def _deleted(kind: GroupKind, group: RemoteGroup) -> str:
    return gone_words(kind.word, group.name)


def _make_all(
    api: KlaviyoApi, kind: GroupKind, missing: Sequence[Wanted]
) -> tuple[list[RemoteGroup], list[str]]:
    if not missing:
        return [], []
    foreign = ids_named(api, kind, [each.group.name for each in missing])
    made: list[RemoteGroup] = []
    for place, each in enumerate(missing):
        try:
            made.append(_make(api.patient(_PATIENCE_SECONDS), kind, each, foreign))
        except KindredError as error:
            if not made:
                raise
            return made, [unmade_words(kind, missing[place:], error)]
    return made, []


def _make(api: KlaviyoApi, kind: GroupKind, wanted: Wanted, foreign: dict[str, set[str]]) -> RemoteGroup:
    """Make one, beside whatever has the same name and is not ours."""
    name = wanted.group.name
    before = foreign.get(name, set())
    if before:
        name = f"{name} (2)"
        before = ids_named(api, kind, [name]).get(name, set())
    try:
        answer = api.send("POST", kind.collection, kind.body(name, wanted.definition))
        remote_id = str(answer["data"]["id"])
    except (OutcomeUnknownError, KeyError, TypeError):
        remote_id = _made_meanwhile(api, kind, name, before)
    return RemoteGroup(kind.role, wanted.group.slug, remote_id, name)


def _made_meanwhile(api: KlaviyoApi, kind: GroupKind, name: str, before: set[str]) -> str:
    """Return the one that our unanswered call made: of this name, and not there before the call."""
    fresh = ids_named(api, kind, [name]).get(name, set()) - before
    if len(fresh) != 1:
        raise OutcomeUnknownError(f"Klaviyo did not say whether the {kind.word} “{name}” was made.")
    return fresh.pop()


def _read(api: KlaviyoApi, kind: GroupKind, field: str, values: Sequence[str]) -> Iterator[tuple[str, str]]:
    distinct = sorted(set(values))
    for start in range(0, len(distinct), _PAGE):
        query = {
            "filter": f"any({field},{quoted(distinct[start : start + _PAGE])})",
            f"fields[{kind.role}]": "name",
        }
        for page in api.pages(kind.collection, query):
            for each in page:
                yield str(each["id"]), str((each.get("attributes") or {}).get("name") or "")
