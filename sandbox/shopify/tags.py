"""Tags as Shopify keeps them: split at commas, compared without case, kept as first written, in order."""

from collections.abc import Iterable

TAGS_AT_MOST = 250
LENGTH_AT_MOST = 255


def split(given: Iterable[str]) -> list[str]:
    """Return single tags; a repeated one stays as it was first written."""
    found: dict[str, str] = {}
    for text in given:
        for tag in text.split(","):
            if tag.strip():
                found.setdefault(tag.strip().casefold(), tag.strip())
    return list(found.values())


def add(tags: Iterable[str], given: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return all tags, and those that were not there before."""
    old = list(tags)
    known = {tag.casefold() for tag in old}
    fresh = [tag for tag in split(given) if tag.casefold() not in known]
    return in_order([*old, *fresh]), fresh


def remove(tags: Iterable[str], given: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the tags that stay, and those that went."""
    unwanted = {tag.casefold() for tag in split(given)}
    old = list(tags)
    gone = [tag for tag in old if tag.casefold() in unwanted]
    return [tag for tag in old if tag.casefold() not in unwanted], gone


def in_order(tags: Iterable[str]) -> list[str]:
    """Return tags as the interface lists them."""
    return sorted(tags, key=str.casefold)


def problem(tags: list[str]) -> str | None:
    """Return what Shopify would say against these being all the tags of something."""
    if len(tags) > TAGS_AT_MOST:
        return f"Tags cannot be more than {TAGS_AT_MOST}"
    if any(len(tag) > LENGTH_AT_MOST for tag in tags):
        return f"Tags is too long (maximum is {LENGTH_AT_MOST} characters)"
    return None
