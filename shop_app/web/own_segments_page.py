"""What the templates of the merchant's own segments may see."""

from collections.abc import Mapping
from dataclasses import dataclass

from shop_app.web.pages import Choice, Field, Frame, Link, Notice, Option, OptionGroup


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One segment in use."""

    link: Link
    description: str
    words: str
    customers: str
    version: str
    written: str
    retire_url: str
    retire_label: str


@dataclass(frozen=True, slots=True)
class OwnSegmentsPage:
    """``GET /own``."""

    frame: Frame
    said: tuple[Notice, ...]
    new: Link
    file: Link
    download: Link
    rows: tuple[OwnRow, ...]


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """One condition: its three fields, each with what is wrong about it."""

    number: str
    heading: str
    features: tuple[OptionGroup, ...]
    operators: tuple[Option, ...]
    value: str
    placeholder: str
    feature_error: str
    operator_error: str
    value_error: str


@dataclass(frozen=True, slots=True)
class Found:
    """One segment as it would be kept: whom it would hold by today's figures, and what would be new."""

    name: str
    words: str
    count: str
    change: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be kept; ``save_url`` takes the POST, ``doubts`` is what has to be confirmed."""

    save_url: str
    button: str
    kept: tuple[Field, ...]
    found: tuple[Found, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnFormPage:
    """``GET /own/new`` and ``GET /own/edit/<slug>``; ``errors`` holds a sentence by the name of a field."""

    frame: Frame
    back: Link
    heading: str
    said: tuple[Notice, ...]
    preview: Preview | None
    check_url: str
    name: str
    description: str
    joins: tuple[Choice, ...]
    rows: tuple[ConditionRow, ...]
    more_rows: tuple[ConditionRow, ...]
    errors: Mapping[str, str]
    by_file: Link


@dataclass(frozen=True, slots=True)
class OwnFilePage:
    """``GET /own/file``."""

    frame: Frame
    back: Link
    said: tuple[Notice, ...]
    preview: Preview | None
    check_url: str
    text: str
    error: str
    download: Link | None
