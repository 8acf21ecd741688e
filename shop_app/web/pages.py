"""What a template may see: one frozen page object each, every figure already written as text.

Here is what several pages share; each screen's own parts stand in ``segment_pages``, ``customer_pages`` and
``data_health_page``.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A link, a tab or a heading that sorts; ``download`` names its file, ``target`` its window."""

    text: str
    href: str
    is_current: bool = False
    download: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a select."""

    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Some lines of a select under a heading of their own."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several to pick from, each with some words of its own."""

    value: str
    text: str
    is_chosen: bool
    details: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A hidden field that keeps a choice through a form."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A banner: what is to be known about the whole page, and where to go about it."""

    tone: str
    heading: str
    sentences: tuple[str, ...]
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Bridge:
    """App Bridge, which a page in the admin's frame loads before anything else, and Polaris beside it."""

    api_key: str
    url: str
    component_urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BouncePage:
    """A page that holds App Bridge and nothing else."""

    bridge: Bridge


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page; ``bridge`` only in the admin's frame, ``notices`` on every page.

    ``navigation_below`` leads to what is beside this page in the part of the app called ``place``.
    """

    title: str
    shop_title: str
    navigation: tuple[Link, ...]
    shops: tuple[Option, ...]
    home_url: str
    style_url: str
    icon_url: str
    component_urls: tuple[str, ...]
    script_url: str
    bridge: Bridge | None = None
    notices: tuple[Notice, ...] = ()
    navigation_below: tuple[Link, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page that says one thing: an error, or that there is nothing yet and what to do next."""

    frame: Frame
    heading: str
    sentences: tuple[str, ...]
    command: str = ""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and its value; ``note`` explains."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class CutOff:
    """What one mark from 5 to 1 means in days, orders and money."""

    mark: int
    recency: str
    orders: str
    spent: str


@dataclass(frozen=True, slots=True)
class SortHeading:
    """A column's heading; ``direction`` is what ``aria-sort`` wants, empty where nothing sorts."""

    text: str
    href: str
    direction: str
    is_number: bool = True
