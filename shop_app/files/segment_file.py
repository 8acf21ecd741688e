"""Segments as a YAML file that can be kept, compared and carried to another shop."""

from collections.abc import Hashable, Iterable
from typing import Any

import yaml

from shop_app.errors import InvalidInputError
from shop_app.segments.grouping.rule_files import SegmentRule, segments_from_data, segments_to_data
from shop_app.segments.grouping.rule_tree import RuleError

MOST_CHARACTERS = 500_000
DEEPEST = 30
LINE_WIDTH = 100


def read_segment_file(text: str, *, currency: str) -> tuple[SegmentRule, ...]:
    """Read the segments of a file.

    Raises
    ------
    InvalidInputError
        It is no YAML, or not what a segment file holds; the message names the line or the place.
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidInputError(f"The file is longer than {MOST_CHARACTERS:,} characters.", field="file")
    try:
        data = _load(text)
    except yaml.MarkedYAMLError as error:
        raise _refusal(error.problem or "this is no YAML", error.problem_mark) from None
    except yaml.YAMLError:
        raise _refusal("this is no YAML that can be read", None) from None
    except ValueError as error:  # a date that is none
        raise _refusal(str(error), None) from None
    try:
        return segments_from_data(data, currency=currency)
    except RuleError as error:
        raise InvalidInputError(str(error), field=error.place) from None


def write_segment_file(segments: Iterable[SegmentRule], *, currency: str) -> str:
    """Write segments so that :func:`read_segment_file` gives them back, equal in every part."""
    data = segments_to_data(segments, currency=currency)
    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=LINE_WIDTH))


def _load(text: str) -> object:
    """Read plain values, without what would keep the reader busy for ever: references, and endless nesting."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise _refusal("references (*) are not allowed", event.start_mark)
        if depth > DEEPEST:
            raise _refusal(f"more than {DEEPEST} levels deep", event.start_mark)
    return yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader that allows less


class _PlainLoader(yaml.SafeLoader):
    """A safe loader that refuses the same key twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: ANN401, FBT001, FBT002
        """Refuse the same key twice: one of the two would count, and nobody would know which."""
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable) or key in seen:
                raise _refusal(f"{key!r} stands here twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _refusal(problem: str, mark: Any) -> InvalidInputError:  # noqa: ANN401 - one of the library's two kinds
    where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "the file"
    return InvalidInputError(f"{where}: {problem}", field="file")
