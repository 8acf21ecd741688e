"""A treemap as a list of links: areas in proportion, names and figures as real text."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from shop_app.charts.markup import join, share

SMALLEST_SHARE_RATIO = 0.008
"""A tile below this is too small to hit; such tiles share one."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One rectangle. ``tone`` is 0 (neutral) to 5; ``note`` is read out, ``tip`` is shown on hover."""

    name: str
    value: float
    value_text: str
    share_text: str
    note: str
    tip: str
    href: str
    tone: int


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle inside the map's own width and height."""

    left: float
    top: float
    width: float
    height: float


def squarify(sizes: Sequence[float], box: Box) -> list[Box]:
    """Cut a box into rectangles as square as possible.

    Parameters
    ----------
    sizes
        Positive numbers, largest first.
    box
        What is to be cut.

    Returns
    -------
    list[Box]
        One box a size, in the same order; their areas stand in the sizes' proportion and fill ``box``.

    Notes
    -----
    Bruls, Huizing, van Wijk: Squarified Treemaps (2000).
    """
    scale = box.width * box.height / sum(sizes) if sizes else 0.0
    waiting = [size * scale for size in sizes]
    placed: list[Box] = []
    free = box
    while waiting:
        strip = _best_strip(waiting, min(free.width, free.height))
        boxes, free = _lay_strip(strip, free)
        placed += boxes
        del waiting[: len(strip)]
    return placed


def treemap(tiles: Sequence[Tile], *, width: int, height: int, layout: str) -> Markup:
    """Draw the tiles, largest first, for a shape of ``width`` by ``height``; ``layout`` is a CSS class."""
    ordered = sorted((tile for tile in tiles if tile.value > 0), key=lambda tile: -tile.value)
    boxes = squarify([tile.value for tile in ordered], Box(0, 0, width, height))
    items = join(_item(tile, box, width, height) for tile, box in zip(ordered, boxes, strict=True))
    return Markup('<ul class="treemap {}">{}</ul>').format(layout, items)


def _best_strip(areas: list[float], side: float) -> list[float]:
    """Return as many of the first areas as make the least stretched strip along ``side``."""
    strip = areas[:1]
    for area in areas[1:]:
        if _worst_stretch([*strip, area], side) > _worst_stretch(strip, side):
            break
        strip.append(area)
    return strip


def _worst_stretch(strip: list[float], side: float) -> float:
    total = sum(strip)
    return max(max(side**2 * area / total**2, total**2 / (side**2 * area)) for area in strip)


def _lay_strip(strip: list[float], free: Box) -> tuple[list[Box], Box]:
    """Place a strip along the shorter side; return its boxes and what is left."""
    upright = free.width >= free.height
    thickness = sum(strip) / min(free.width, free.height)
    boxes = []
    offset = 0.0
    for area in strip:
        length = area / thickness
        if upright:
            boxes.append(Box(free.left, free.top + offset, thickness, length))
        else:
            boxes.append(Box(free.left + offset, free.top, length, thickness))
        offset += length
    if upright:
        return boxes, Box(free.left + thickness, free.top, max(free.width - thickness, 0.0), free.height)
    return boxes, Box(free.left, free.top + thickness, free.width, max(free.height - thickness, 0.0))


def _item(tile: Tile, box: Box, width: float, height: float) -> Markup:
    place = (
        f"left:{share(box.left, width)};top:{share(box.top, height)};"
        f"width:{share(box.width, width)};height:{share(box.height, height)}"
    )
    return Markup(
        '<li style="{place}"><a class="tile tone{tile.tone}" href="{tile.href}" data-tip="{tile.tip}">'
        '<b>{tile.name}</b> <span class="tile-value">{tile.value_text}</span> '
        '<span class="tile-share">{tile.share_text}<span class="vh">, {tile.note}</span></span></a></li>'
    ).format(place=place, tile=tile)
