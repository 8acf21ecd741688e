"""The mail of the sample account: a campaign every ten days, and who opened and clicked what.

People who bought lately open and click more. Apple's proxy opens nearly everything for those who use it, and
a few addresses lie behind scanners that click every link.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox.klaviyo import consent, events
from sandbox.klaviyo.state import Document

DAYS = 120
_DAY = 86_400
_EVERY_DAYS = 10
_SUBJECTS = (
    "New in: laid paper",
    "Ink of the month",
    "A letter a week",
    "The autumn list",
    "Back in stock",
    "How we bind",
)


@dataclass(frozen=True, slots=True)
class Campaign:
    """One mail to everybody who may be written to."""

    message: str
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Mailing:
    """The campaigns, and the metrics' ids by name."""

    campaigns: tuple[Campaign, ...]
    metrics: dict[str, str]


def campaigns(at: float) -> tuple[Campaign, ...]:
    """Return the campaigns of the last months, each sent at ten in the morning, none of them today."""
    today = int(at) // _DAY * _DAY
    days = range(DAYS, 0, -_EVERY_DAYS)
    return tuple(
        Campaign(
            f"01MESSAGE{place:02}",
            f"{_SUBJECTS[place % len(_SUBJECTS)]} ({place + 1})",
            today - day * _DAY + 10 * 3600,
        )
        for place, day in enumerate(days)
    )


def mail_of(mailing: Mailing, profile: Document, alive: float) -> list[Document]:
    """Return a profile's events; ``alive`` is when the person was last seen in the store."""
    if not consent.may_be_mailed(profile):
        return []
    dice = Random(f"mail/{profile['id']}")
    apple, scanned = dice.random() < 0.4, dice.random() < 0.02
    counted = (profile["consent"]["open_tracking"] or {}).get("consent") != "UNSUBSCRIBED"
    found: list[Document] = []
    for campaign in mailing.campaigns:
        if campaign.at < profile["created"]:
            continue
        at = campaign.at + dice.randint(5, 900)
        found.append(_event(mailing, events.RECEIVED, profile, at, campaign, {}))
        interest = _interest((campaign.at - alive) / _DAY)
        opened = dice.random() < interest
        read_at = at + dice.randint(60, 2 * _DAY)
        if counted and apple and dice.random() < 0.9:
            found.append(_event(mailing, events.OPENED, profile, at + 30, campaign, {"machine_open": True}))
        if counted and opened:
            found.append(_event(mailing, events.OPENED, profile, read_at, campaign, {"machine_open": False}))
        if scanned:
            found.append(_event(mailing, events.CLICKED, profile, at + 2, campaign, {"Bot Click": True}))
        if opened and dice.random() < 0.18:
            told = {"Bot Click": False, "URL": "https://thistle-and-quire.example.com/new"}
            found.append(_event(mailing, events.CLICKED, profile, read_at + 40, campaign, told))
    return found


def _interest(days: float) -> float:
    """Return how likely a person opens a mail so many days after they were last seen."""
    return 0.55 if days < 60 else 0.35 if days < 180 else 0.15 if days < 365 else 0.04


def _event(
    mailing: Mailing, metric: str, profile: Document, at: int, campaign: Campaign, told: dict[str, Any]
) -> Document:
    properties = {
        "Subject": campaign.name,
        "Campaign Name": campaign.name,
        "$message": campaign.message,
        "Email Domain": profile["email"].partition("@")[2],
        **told,
    }
    unique = f"{campaign.message}/{at}"
    return events.make_event(mailing.metrics[metric], profile["id"], at, properties, unique_id=unique)
