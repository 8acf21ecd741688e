"""The steps of a first reading in words: what is in, what is coming, and what went wrong."""

from collections.abc import Sequence

from shop_app.services.describe_backfill import PartProgress, Progress
from shop_app.web.formats import Formats, count, counted
from shop_app.web.progress_page import ReadingStep

_DONE, _NOW, _NEXT, _FAILED = ("Done", "success"), ("Now", "info"), ("Next", "neutral"), ("Failed", "critical")
_NOUNS = {
    "products": ("product", None),
    "collections": ("collection", None),
    "customers": ("customer", None),
    "orders": ("order", None),
}
_READ = (
    ("products", "Read products and collections", ("products", "collections")),
    ("customers", "Read customers", ("customers",)),
    ("recent", "Read the last year's orders", ("orders-recent",)),
    ("older", "Read older orders", ("orders-older",)),
)
_AGAIN = "It is tried again."
_FIRST, _LAST = "first", "last"


def reading_steps(progress: Progress, formats: Formats) -> tuple[ReadingStep, ...]:
    """Return the steps in the order in which they come."""
    read = [_reading(key, title, _of(progress, names)) for key, title, names in _READ]
    is_last_over = progress.state == "done"
    first = _working_out(
        _FIRST,
        "Work out first segments",
        is_over=progress.first_segments_at is not None,
        is_now=progress.first_segments_at is None
        and progress.state == "running"
        and all(step.state == _DONE[0] for step in read[1:3]),
        words=f"Ready since {formats.moment(progress.first_segments_at)}" if progress.first_segments_at else "",
    )
    last = _working_out(
        _LAST,
        "Catch up with what has changed meanwhile",
        is_over=is_last_over,
        is_now=progress.is_catching_up,
        words="Then everything is worked out once more." if not is_last_over else "",
    )
    return (*read[:3], first, read[3], last)


def _of(progress: Progress, names: Sequence[str]) -> list[PartProgress]:
    return [part for part in progress.parts if part.name.startswith(tuple(names))]


def _reading(key: str, title: str, parts: Sequence[PartProgress]) -> ReadingStep:
    name, tone = _state(parts)
    known = [part for part in parts if part.ratio > 0]
    percent = round(100 * sum(part.ratio for part in parts) / max(len(parts), 1))
    errors = [f"{part.error}" for part in parts if part.error and part.state != "done"]
    return ReadingStep(
        key=key,
        title=title,
        state=name,
        tone=tone,
        words=" ".join(_words(part) for part in parts if part.state != "waiting"),
        percent=str(percent) if known and name == _NOW[0] else "",
        error=" ".join((*dict.fromkeys(errors), *((_AGAIN,) if errors and name == _NOW[0] else ()))),
        is_current=name == _NOW[0],
    )


def _state(parts: Sequence[PartProgress]) -> tuple[str, str]:
    states = {part.state for part in parts}
    if "failed" in states:
        return _FAILED
    if states <= {"done"}:
        return _DONE
    return _NEXT if states == {"waiting"} else _NOW


def _words(part: PartProgress) -> str:
    singular, plural = _NOUNS[part.resource]
    taken = counted(part.taken, singular, plural)
    if part.state == "done":
        return f"{taken} read{_with_bad(part)}."
    if part.state == "asked":
        gathered = f" {counted(part.gathered, 'object')} so far." if part.gathered else ""
        return f"Shopify is putting the {part.resource} together.{gathered}"
    if part.state == "reading" and part.method == "bulk":
        return f"Fetching the {part.resource}."
    if part.state == "failed":
        return ""
    of = f" of {count(part.expected)}" if part.expected else ""
    slowly = " page by page, for Shopify does not give them in bulk here" if part.method == "pages" else ""
    return f"{count(part.taken)}{of} {plural or singular + 's'} read{slowly}{_with_bad(part)}."


def _with_bad(part: PartProgress) -> str:
    return f", {count(part.bad_lines)} of them to be read once more" if part.bad_lines else ""


def _working_out(key: str, title: str, *, is_over: bool, is_now: bool, words: str) -> ReadingStep:
    name, tone = _DONE if is_over else _NOW if is_now else _NEXT
    return ReadingStep(key=key, title=title, state=name, tone=tone, words=words, is_current=is_now)
