"""What the regular checks found, in sentences: subscriptions, changes, drift, and the last whole reading."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shop_app.services.describe_backfill import Progress
from shop_app.web.activity_page import CheckRow
from shop_app.web.formats import Formats, count, counted

Checks = Mapping[str, dict[str, Any]]

_NAMED_AT_MOST = 5
"""More topics than this are counted: after an installation all of them are new."""
_KINDS = ("orders", "customers", "products")
_BACKFILL_STATES = {
    "done": ("Done", "success"),
    "running": ("Running", "info"),
    "failed": ("Failed", "critical"),
    "stopped": ("Stopped", "warning"),
}


def check_rows(checks: Checks, backfill: Progress | None, formats: Formats) -> tuple[CheckRow, ...]:
    """Return a row for each check; those that never ran say so."""
    return (
        _subscriptions(checks.get("subscriptions"), formats),
        _changes(checks.get("changes"), formats),
        _drift(checks.get("drift"), formats),
        _backfill(backfill, formats),
    )


def _subscriptions(found: dict[str, Any] | None, formats: Formats) -> CheckRow:
    name = "Subscriptions"
    if found is None:
        return _never(name, "They are looked at every 15 minutes.")
    problems: dict[str, str] = found.get("problems") or {}
    sentences = [f"{counted(found.get('topics', 0), 'topic')} come in. {_looked(found, formats)}"]
    if found.get("last_mended"):
        when = formats.moment(_moment(found.get("last_mended_at")))
        mended = found["last_mended"]
        sentences.append(
            f"Repaired {when}: {', '.join(mended)}."
            if len(mended) <= _NAMED_AT_MOST
            else f"{counted(len(mended), 'topic')} set up {when}."
        )
    sentences += [f"{topic}: {problem}" for topic, problem in sorted(problems.items())]
    return CheckRow(
        name, *(("Incomplete", "warning") if problems else ("In order", "success")), tuple(sentences)
    )


def _changes(found: dict[str, Any] | None, formats: Formats) -> CheckRow:
    name = "Changes by date"
    if found is None:
        return _never(name, "What has changed is read every hour, whether or not a webhook told of it.")
    counts = found.get("found") or {}
    told = ", ".join(f"{count(counts[kind])} {kind}" for kind in _KINDS if counts.get(kind)) or "nothing"
    sentences = [f"Read: {told}. {_looked(found, formats)}", *map(str, found.get("warnings") or ())]
    state = ("Going on", "info") if found.get("unfinished") else ("In order", "success")
    return CheckRow(name, *state, tuple(sentences))


def _drift(found: dict[str, Any] | None, formats: Formats) -> CheckRow:
    name = "Compared with Shopify"
    if found is None:
        return _never(name, "Counts and samples are compared every night.")
    sentences = []
    for kind in _KINDS:
        each = found.get(kind)
        if each:
            there = "" if each["there"] is None else f" of {count(each['there'])}"
            odd = f"{count(each['missing'])} missing, {count(each['extra'])} too many"
            sample = f"{count(each['differing'])} of {count(each['sampled'])} sampled ones differed"
            sentences.append(f"{kind.capitalize()}: {count(each['here'])}{there} here; {odd}; {sample}.")
    total = found.get("total", 0)
    sentences.append(f"What differs is read again. {_looked(found, formats)}")
    state = (f"{counted(total, 'difference')}", "warning") if total else ("The same", "success")
    return CheckRow(name, *state, tuple(sentences))


def _backfill(backfill: Progress | None, formats: Formats) -> CheckRow:
    name = "Reading of everything"
    if backfill is None:
        return _never(name, "It begins when the app is installed.")
    state = _BACKFILL_STATES.get(backfill.state, (backfill.state, "info"))
    when = formats.moment(backfill.finished_at or backfill.started_at)
    sentences = [f"{counted(backfill.taken, 'object')} read; {when}."]
    if backfill.error:
        sentences.append(backfill.error)
    return CheckRow(name, *state, tuple(sentences))


def _never(name: str, words: str) -> CheckRow:
    return CheckRow(name, "Not yet", "info", (words,))


def _looked(found: dict[str, Any], formats: Formats) -> str:
    return f"Looked at {formats.moment(found['checked_at'])}."


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
