"""What the templates of the progress page may see."""

from dataclasses import dataclass

from shop_app.web.pages import Frame, Link, Notice


@dataclass(frozen=True, slots=True)
class ReadingStep:
    """One step of the first reading; ``percent`` is empty where there is no bar."""

    key: str
    title: str
    state: str
    tone: str
    words: str
    percent: str = ""
    error: str = ""
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class ProgressPage:
    """``GET /progress``, and its part that is fetched again and again while something goes on."""

    frame: Frame
    heading: str
    refresh_url: str
    refresh_seconds: str
    announcement: str
    notices: tuple[Notice, ...]
    percent: str
    summary: str
    details: tuple[str, ...]
    steps: tuple[ReadingStep, ...]
    ready: Link | None
    reload: Link | None
    retry_url: str
