"""The sample account: most of a store's customers as profiles, what other tools wrote on them, and their mail.

Everything follows from the customers and the day, so that the same store gives the same account. Customers
come as the stand-in for Shopify keeps them (``/_store/<shop>/customer``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sandbox.klaviyo import consent, events, groups, profiles
from sandbox.klaviyo.ids import long_id, short_id
from sandbox.klaviyo.profile_shapes import phone as phone_shape
from sandbox.klaviyo.sample_mail import Mailing, campaigns, mail_of
from sandbox.klaviyo.state import Document
from sandbox.klaviyo.world import World, read_moment

LISTS = ("Newsletter", "VIP early access", "Wholesale enquiries", "Spring pop-up visitors")
KNOWN_SHARE, STRANGERS_SHARE = 0.9, 0.03
_VIP_POINTS = 800
_DAY = 86_400
_PORTION = 1000
_FIRST_NAMES = ("Ada", "Bruno", "Celia", "Dimitri", "Edda", "Farid", "Greta", "Hugo", "Imke", "Jonas")


@dataclass(slots=True)
class _Taken:
    """What only one profile may have, and how many there are."""

    emails: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    count: int = 0


def load_people(world: World, account: str, customers: Iterable[Document], *, at: float) -> int:
    """Fill an empty account, with ``at`` as its present; return how many profiles there are."""
    lists = {name: short_id(f"{account}/list/{name}") for name in LISTS}
    for name, key in lists.items():
        groups.make_list(world, account, name, key=key, opt_in="single_opt_in")
    wanted = {"type": "numeric", "operator": "greater-than-or-equal", "value": _VIP_POINTS}
    condition = {"type": "profile-property", "property": "properties['Loyalty Points']", "filter": wanted}
    name = f"Loyal: {_VIP_POINTS} points and more"
    groups.make_segment(world, account, name, {"condition_groups": [{"conditions": [condition]}]})
    metrics = {name: events.metric(world, account, name, integration=events.KLAVIYO) for name in events.NATIVE}
    mailing = Mailing(campaigns(at), {name: one["id"] for name, one in metrics.items()})
    taken, seen = _Taken(), 0
    for portion in _portions(customers):
        seen += len(portion)
        found = [made for one in portion if (made := _of_customer(one, taken, at)) is not None]
        _keep(world, account, lists, mailing, found)
    strangers = [_stranger(number, at) for number in range(round(seen * STRANGERS_SHARE))]
    _keep(world, account, lists, mailing, strangers)
    return taken.count + len(strangers)


def _portions(customers: Iterable[Document]) -> Iterator[list[Document]]:
    portion: list[Document] = []
    for one in customers:
        portion.append(one)
        if len(portion) == _PORTION:
            yield portion
            portion = []
    yield portion


def _keep(
    world: World, account: str, lists: dict[str, str], mailing: Mailing, people: list[tuple[Document, float]]
) -> None:
    """Keep profiles with their last sign of life, put them into lists, and let their mail have come."""
    with world.state.together():
        sent: list[Document] = []
        for profile, alive in people:
            mail = mail_of(mailing, profile, alive)
            sent += mail
            profile["last_event"] = max((one["at"] for one in mail), default=None)
        world.state.put_profiles(account, [profile for profile, _ in people])
        events.put_events(world, account, sent)
        for name, key in lists.items():
            members = [one for one, _ in people if _belongs(name, one)]
            for one in members:
                groups.add(world, account, key, [one["id"]], at=one["created"])


def _of_customer(customer: Document, taken: _Taken, at: float) -> tuple[Document, float] | None:
    """Return a customer's profile, or ``None`` for one who is not known here."""
    email, dice = (customer.get("email") or "").lower(), Random(f"klaviyo/{customer['id']}")
    if not email or email in taken.emails or dice.random() >= KNOWN_SHARE:
        return None
    taken.emails.add(email)
    taken.count += 1
    created = min(read_moment(customer["createdAt"]), at)
    profile = profiles.blank(long_id(created, f"klaviyo/{customer['id']}"), at=created)
    profile |= {"email": email, "first_name": customer.get("firstName"), "last_name": customer.get("lastName")}
    number = customer.get("phone")
    if number and number not in taken.phones and not list(phone_shape(number, "")) and dice.random() < 0.4:
        taken.phones.add(number)
        profile["phone_number"] = number
    address = customer.get("defaultAddress") or {}
    told = {"city": address.get("city"), "country": address.get("countryCode"), "zip": address.get("zip")}
    profile["location"] = {name: value for name, value in told.items() if value}
    alive = min(read_moment(customer["updatedAt"]), at)
    profile["properties"] = _properties(dice, 0 if alive == created else 300)
    _agree(profile, (customer.get("emailMarketing") or {}).get("state"), dice, at)
    profile["updated"] = int(max(created, alive))
    return profile, alive


def _stranger(number: int, at: float) -> tuple[Document, float]:
    """Return a profile of somebody who never bought anything."""
    dice = Random(f"klaviyo/stranger/{number}")
    created = at - dice.randint(1, 500) * _DAY
    profile = profiles.blank(long_id(created, f"klaviyo/stranger/{number}"), at=created)
    profile |= {"email": f"reader{number}@letters.example.net", "first_name": dice.choice(_FIRST_NAMES)}
    profile["properties"] = _properties(dice, 0)
    _agree(profile, "SUBSCRIBED" if dice.random() < 0.8 else "NOT_SUBSCRIBED", dice, at)
    return profile, created


def _properties(dice: Random, points: int) -> dict[str, Any]:
    """Return what forms and other tools wrote on a profile."""
    offered: dict[str, Any] = {
        "Source": dice.choice(("Checkout", "Footer form", "Pop-up", "Fair in Leeds")),
        "Loyalty Points": dice.randint(0, 400) + points * dice.randint(0, 4),
        "Birthday": f"{dice.randint(1955, 2004)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
        "Wants Catalogue": dice.random() < 0.3,
        "Interests": dice.sample(("ink", "paper", "binding", "letters", "gifts"), dice.randint(1, 3)),
    }
    return {name: value for name, value in offered.items() if name == "Source" or dice.random() < 0.6}


def _agree(profile: Document, state: str | None, dice: Random, at: float) -> None:
    """Give a profile the consent that fits the store's, and now and then a reason not to be written to."""
    chance = dice.random()
    since = profile["created"]
    if state == "SUBSCRIBED":
        consent.subscribe(profile, method="SHOPIFY_INTEGRATION", at=since)
        if chance < 0.02:
            consent.suppress(profile, "HARD_BOUNCE", at=min(since + 30 * _DAY, at))
        elif chance < 0.025:
            consent.suppress(profile, "SPAM_COMPLAINT", at=min(since + 40 * _DAY, at))
    elif state == "UNSUBSCRIBED":
        consent.unsubscribe(profile, method="PREFERENCE_PAGE", at=min(since + 60 * _DAY, at))
    elif chance < 0.03:
        consent.suppress(profile, "USER_SUPPRESSED", at=since)
    if dice.random() < 0.015:
        profile["consent"]["open_tracking"] = {"consent": "UNSUBSCRIBED", "at": since}


def _belongs(name: str, profile: Document) -> bool:
    dice = Random(f"{name}/{profile['id']}").random()
    if name == "Newsletter":
        return (profile["consent"]["email"] or {}).get("consent") == "SUBSCRIBED"
    if name == "VIP early access":
        return profile["properties"].get("Loyalty Points", 0) >= _VIP_POINTS and dice < 0.8
    return dice < (0.01 if name == "Wholesale enquiries" else 0.06)
