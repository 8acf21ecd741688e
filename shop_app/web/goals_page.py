"""What the templates of the goal page may see."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from shop_app.web.pages import Choice, Fact, Frame, Notice, Option
from shop_app.web.segment_pages import StartRow


@dataclass(frozen=True, slots=True)
class Learning:
    """What the groups in use serve, and whether a worker is at new ones; it is fetched again while one is."""

    refresh_url: str
    refresh_seconds: str
    announcement: str
    notices: tuple[Notice, ...]
    facts: tuple[Fact, ...]
    words: str
    learn_url: str


@dataclass(frozen=True, slots=True)
class LearningPage:
    """``GET /goals/live``."""

    learning: Learning


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """One feature: whether it may be used, and what it tells alone; no bar where that is not measured."""

    name: str
    label: str
    words: str
    is_allowed: bool
    share: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class GoalsPage:
    """``GET /goals``; ``errors`` holds a sentence for each field that cannot be used."""

    frame: Frame
    said: tuple[Notice, ...]
    learning: Learning
    start_words: str
    start: tuple[StartRow, ...]
    save_url: str
    goals: tuple[Choice, ...]
    is_own: bool
    own_name: str
    own_group_count: str
    own_dimensions: tuple[tuple[str, tuple[Choice, ...]], ...]
    warnings: tuple[str, ...]
    ways: tuple[Choice, ...]
    group_counts: tuple[Option, ...]
    move_limit_percent: str
    features_words: str
    features: tuple[FeatureRow, ...]
    more_features: tuple[FeatureRow, ...]
    member_tag: str
    cadences: tuple[Option, ...]
    reviews: tuple[Option, ...]
    owner: str
    errors: Mapping[str, str]
