"""What the templates of destinations may see."""

from collections.abc import Mapping
from dataclasses import dataclass

from shop_app.web.pages import Fact, Frame, Link, Notice, Option


@dataclass(frozen=True, slots=True)
class Deed:
    """A button; ``href`` takes the POST, ``label`` says which one it is where several look alike."""

    href: str
    text: str
    label: str
    variant: str = ""


@dataclass(frozen=True, slots=True)
class DestinationCard:
    """One destination: how it is doing, what a person has to settle, and what can be done with it."""

    kind: str
    name: str
    badge: Notice
    account: str
    words: tuple[str, ...]
    warning: Notice | None
    strip: tuple[Fact, ...]
    notices: tuple[str, ...]
    plan: Link | None
    settings: Link
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, slots=True)
class DestinationsPage:
    """``GET /destinations``; ``stop`` stops everything, or starts it again."""

    frame: Frame
    said: tuple[Notice, ...]
    stop_heading: str
    stop_words: str
    stop: Deed | None
    consent_words: str
    cards: tuple[DestinationCard, ...]


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting as a field; ``options`` for a choice, ``least`` and ``most`` for a number."""

    name: str
    label: str
    kind: str
    value: str
    is_checked: bool
    options: tuple[Option, ...]
    help: str
    error: str
    least: str
    most: str
    placeholder: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Something that Kindred made at a destination and that stands there by itself."""

    name: str
    role: str
    remote_id: str


@dataclass(frozen=True, slots=True)
class DestinationPage:
    """``GET /destinations/<kind>``; ``leave`` leads to what ends it, where it is connected."""

    frame: Frame
    back: Link
    heading: str
    said: tuple[Notice, ...]
    card: DestinationCard | None
    form_words: str
    save_url: str
    save_text: str
    fields: tuple[SettingField, ...]
    groups: tuple[GroupRow, ...]
    groups_words: str
    leave_words: tuple[str, ...]
    leave: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """A step before something that is not undone by pressing a button again."""

    frame: Frame
    back: Link
    heading: str
    sentences: tuple[str, ...]
    deed: Deed
    others: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class HoldoutField:
    """The share of one segment that is left out as its control group."""

    name: str
    label: str
    value: str
    error: str


@dataclass(frozen=True, slots=True)
class ChoicesPage:
    """``GET /destinations/choices``; ``errors`` holds a sentence by the name of a field."""

    frame: Frame
    said: tuple[Notice, ...]
    save_url: str
    limit_words: str
    values: Mapping[str, str]
    quiet_from: tuple[Option, ...]
    quiet_to: tuple[Option, ...]
    no_discounts: bool
    holdouts: tuple[HoldoutField, ...]
    holdout_words: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StripRow:
    """One destination in the small strip above the segments."""

    link: Link
    badge: Notice
    words: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a segment's campaigns are measured against: its control group, and its past."""

    words: tuple[str, ...]
    baseline_words: str
    baseline: tuple[Fact, ...]
    links: tuple[Link, ...]
