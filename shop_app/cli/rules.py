"""`kindred rules`: segments of one's own, as a file that can be kept beside other texts."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shop_app.cli.goals import WHO
from shop_app.cli.session import opened, say
from shop_app.cli.shop_choice import json_option, print_json, print_table, shop_option
from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shop_app.segments.grouping.rule_files import SegmentRule
    from shop_app.services.own_segments import OwnStory


@click.command("rules")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@shop_option
@click.option("--check", is_flag=True, help="Only check FILE, and count whom its rules would hold.")
@click.option(
    "--confirm", is_flag=True, help="You may use what seems to be protected by law; it is noted down."
)
@click.option("--retire", metavar="SLUG", help="Take the segment with this slug out of use.")
@click.option(
    "--write", type=click.Path(dir_okay=False, path_type=Path), help="Write the segments to this file."
)
@json_option
def command(file: Path | None, shop: str, as_json: bool, **wishes: Any) -> None:  # noqa: ANN401 (the options)
    """Show the segments you have written by hand, or take them in from FILE, all of them or none.

    FILE is YAML as docs/segment-files.md describes it; --write makes one. A segment whose slug is in use gets a
    new version.
    """
    from shop_app.services import own_segments
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.shop_clock import default_as_of

    if file is None and (wishes["check"] or wishes["confirm"]):
        raise click.UsageError("--check and --confirm need a FILE.")
    with opened():
        shop_id = get_shop_id(shop)
        as_of = default_as_of(shop_id, utc_now())
        segments = _read(shop_id, file) if file else ()
        checked = [_preview(shop_id, segment) for segment in segments]
        if not wishes["check"]:
            _change(shop_id, segments, wishes, as_of=as_of)
        stories = own_segments.list_own(shop_id)
        if wishes["write"] is not None:
            wishes["write"].write_text(own_segments.own_file(shop_id), encoding="utf-8")
            say(f"{len(stories)} segments written to {wishes['write']}.")
    if as_json:
        print_json({"shop": shop, "checked": checked, "segments": [asdict(story) for story in stories]})
    elif wishes["check"]:
        _print_checked(checked)
    else:
        _print(stories)


def _read(shop_id: int, file: Path) -> "tuple[SegmentRule, ...]":
    from shop_app.services.own_segments import read_own_file

    try:
        return read_own_file(shop_id, file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise InvalidInputError(f"{file}: the file is not UTF-8; save it as that.", field="file") from None
    except InvalidInputError as error:
        raise InvalidInputError(f"{file}: {error}", field=error.field) from None


def _preview(shop_id: int, segment: "SegmentRule") -> dict[str, Any]:
    from shop_app.services.own_segments import preview_own

    return {"slug": segment.slug, "name": segment.name, **asdict(preview_own(shop_id, segment.rule))}


def _change(
    shop_id: int, segments: "Sequence[SegmentRule]", wishes: dict[str, Any], *, as_of: "datetime"
) -> None:
    from shop_app.services.own_segments import retire_own, save_own

    now = utc_now()
    if segments:
        save_own(shop_id, segments, confirmed=wishes["confirm"], who=WHO, at=now, as_of=as_of)
        say(f"Segments taken in: {', '.join(segment.name for segment in segments)}.")
    if wishes["retire"] is not None:
        retire_own(shop_id, wishes["retire"], who=WHO, at=now, as_of=as_of)
        say(f"{wishes['retire']} is out of use.")


def _print_checked(checked: list[dict[str, Any]]) -> None:
    print_table(
        ["Slug", "Name", "Customers", "Rule"],
        [[row["slug"], row["name"], _held(row), row["words"]] for row in checked],
        right=(2,),
    )
    say("The file can be read. Nothing was stored.")


def _held(row: dict[str, Any]) -> str:
    return "known after it is taken in" if row["customer_count"] is None else f"{row['customer_count']:,}"


def _print(stories: "Sequence[OwnStory]") -> None:
    if not stories:
        click.echo("There are no segments of your own yet; docs/segment-files.md shows how to write them.")
        return
    print_table(
        ["Slug", "Version", "Name", "Customers", "Rule"],
        [
            [story.slug, str(story.version), story.name, f"{story.customer_count:,}", story.words]
            for story in stories
        ],
        right=(1, 3),
    )
