"""A bulk file cut into pieces, each of which holds some of the root objects with all their children.

Children need not follow their parent, nor come after it: every line goes to the piece that its root's number
falls into, so that a piece can be taken in alone and in little memory. The cutting itself can be stopped
after any block and goes on from there.
"""

import gc
import os
import re
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

Node = dict[str, Any]

PIECE_BYTES = 8 << 20
"""As many bytes of JSON become about ten times as much in memory while they are taken in."""

_BLOCK_BYTES = 8 << 20
_LONGEST_LINE_BYTES = 64 << 20
_PARENT_NAME = "__parentId"
_PARENT_KEY = b'"__parentId"'
# Shopify writes the slashes of an id with or without a backslash before them.
_PARENT = re.compile(rb'"__parentId"\s*:\s*"gid:\\?/\\?/shopify\\?/\w+\\?/(\d+)"')
_OWN = re.compile(rb'\{\s*"id"\s*:\s*"gid:\\?/\\?/shopify\\?/\w+\\?/(\d+)"')
_ANY_ID = re.compile(r"gid://shopify/\w+/(\d+)")


@dataclass(slots=True)
class Cut:
    """How far a file is cut: its lines, how many of them are roots, and how many say not whose they are."""

    offset: int = 0
    lines: int = 0
    roots: int = 0
    strays: int = 0
    sizes: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Piece:
    """The roots of a piece, all their children (with ``__parentId``), and the numbers of broken roots."""

    nodes: list[Node]
    children: list[Node]
    broken: list[int]
    bad_lines: int


def count_pieces(file_bytes: int) -> int:
    """Return into how many pieces a file of this size is cut: the same number each time."""
    return max(1, -(-file_bytes // PIECE_BYTES))


def cut(source: Path, folder: Path, *, pieces: int, may_go_on: Callable[[], bool]) -> Cut | None:
    """Cut a whole file into ``pieces`` in ``folder``; ``None`` where it was stopped before the end.

    A last line without a line break counts as long as it is whole.
    """
    done = _resume(folder, pieces)
    size = source.stat().st_size
    with source.open("rb") as file:
        while done.offset < size:
            file.seek(done.offset)
            block = _next_block(file.read, size - done.offset)
            _deal(block, done, folder)
            _note(done, folder)
            if done.offset < size and not may_go_on():
                return None
    return done


def missing_pieces(folder: Path, pieces: int) -> bool:
    """Tell whether what was cut is no longer all there: it was on another machine, or somebody tidied up."""
    try:
        sizes = _noted(folder).sizes
        return len(sizes) != pieces or any(
            size and piece_path(folder, number).stat().st_size != size for number, size in enumerate(sizes)
        )
    except (OSError, ValueError, TypeError):
        return True


def piece_path(folder: Path, number: int) -> Path:
    """Return where a piece lies."""
    return folder / f"piece-{number:05d}.jsonl"


def read_piece(path: Path) -> Piece:
    """Read a piece: its roots, and their children in one list.

    A root that is told twice counts once, and so does a child. What cannot be read makes its root broken;
    so does a child whose root is not there. Of a broken root nothing is returned but its number.
    """
    parsed, torn = _parse(path)
    roots: dict[str, Node] = {}
    children: dict[tuple[str, str], Node] = {}
    for node in parsed:
        parent = node.get(_PARENT_NAME)
        if parent is None:
            roots[node["id"]] = node
        else:
            children[parent, node["id"]] = node
    broken = {number for line in torn for number in _owner(line)[:1]}
    broken.update(number for parent, _ in children if parent not in roots for number in _number(parent))
    if broken:
        roots = {gid: root for gid, root in roots.items() if not broken.intersection(_number(gid))}
    kept = [child for (parent, _), child in children.items() if parent in roots]
    return Piece(list(roots.values()), kept, sorted(broken), len(torn))


def _parse(path: Path) -> tuple[list[Node], list[bytes]]:
    """Return the objects of a piece, and the lines that are none."""
    if not path.exists():
        return [], []
    lines = [line for line in path.read_bytes().split(b"\n") if line and not line.isspace()]
    try:
        nodes = _loads_many(b"[" + b",".join(lines) + b"]")
        if all(_is_node(node) for node in nodes) and len(nodes) == len(lines):
            return nodes, []
    except ValueError:
        pass
    each = [(line, _parsed(line)) for line in lines]
    return [node for _, node in each if node is not None], [line for line, node in each if node is None]


def _loads_many(text: bytes) -> list[Any]:
    """Read many objects at once; looking for garbage among them meanwhile would take as long again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        found: list[Any] = orjson.loads(text)
    finally:
        if was_enabled:
            gc.enable()
    return found


def _resume(folder: Path, pieces: int) -> Cut:
    """Return how far an earlier cutting came, with each piece cut back to what was noted then."""
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        done = _noted(folder)
        for number, size in enumerate(done.sizes):
            if size:
                os.truncate(piece_path(folder, number), size)
    except (OSError, ValueError, TypeError):
        done = Cut()
    if len(done.sizes) != pieces:
        done = Cut(sizes=[0] * pieces)
    for number, size in enumerate(done.sizes):
        if not size:
            piece_path(folder, number).unlink(missing_ok=True)
    return done


def _noted(folder: Path) -> Cut:
    return Cut(**orjson.loads((folder / "cut.json").read_bytes()))


def _next_block(read: Callable[[int], bytes], left: int) -> bytes:
    """Read whole lines: to the last line break of a block, or to the end of the file."""
    parts = [read(_BLOCK_BYTES)]
    while parts[-1] and b"\n" not in parts[-1] and len(parts) * _BLOCK_BYTES < min(left, _LONGEST_LINE_BYTES):
        parts.append(read(_BLOCK_BYTES))
    block = b"".join(parts)
    if len(block) >= left:
        return block
    end = block.rfind(b"\n") + 1
    return block[:end] if end else block
    # A line that never ends is dealt out as it is, and counts as one that says not whose it is.


def _deal(block: bytes, done: Cut, folder: Path) -> None:
    """Give each line of a block to the piece it belongs to."""
    hands: dict[int, list[bytes]] = {}
    pieces = len(done.sizes)
    for line in block.split(b"\n"):
        if not line or line.isspace():
            continue
        done.lines += 1
        found = _owner(line)
        if not found:
            done.strays += 1
            continue
        number, is_root = found
        done.roots += is_root
        hands.setdefault(zlib.crc32(b"%d" % number) % pieces, []).append(line)
    for piece, lines in hands.items():
        path = piece_path(folder, piece)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.write(b"\n".join(lines) + b"\n")
        done.sizes[piece] = path.stat().st_size
    done.offset += len(block)


def _note(done: Cut, folder: Path) -> None:
    """Write down how far the cutting is; a reader sees the old note or the new one."""
    fresh = folder / "cut.new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(orjson.dumps(asdict(done)))
    fresh.replace(folder / "cut.json")


def _owner(line: bytes) -> tuple[int, bool] | tuple[()]:
    """Return the number of the root that a line belongs to and whether it is the root itself."""
    if not line.rstrip().endswith(b"}"):
        return ()
    at = line.rfind(_PARENT_KEY)
    found = _PARENT.match(line, at) if at >= 0 else None
    if found is not None:
        return int(found[1]), False
    found = _OWN.match(line)
    return (int(found[1]), True) if found is not None else _owner_of_odd(line)


def _owner_of_odd(line: bytes) -> tuple[int, bool] | tuple[()]:
    """Do the same for a line whose first field is another one."""
    node = _parsed(line)
    if node is None:
        return ()
    parent = node.get(_PARENT_NAME)
    numbers = _number(parent if isinstance(parent, str) else node["id"])
    return (numbers[0], parent is None) if numbers else ()


def _parsed(line: bytes) -> Node | None:
    """Return the object of a line, or ``None`` where it is none with an id."""
    try:
        node = orjson.loads(line)
    except ValueError:
        return None
    return node if _is_node(node) else None


def _is_node(node: object) -> bool:
    if not isinstance(node, dict) or not isinstance(node.get("id"), str):
        return False
    return isinstance(node.get(_PARENT_NAME, ""), str)


def _number(gid: str) -> list[int]:
    found = _ANY_ID.fullmatch(gid)
    return [int(found[1])] if found else []
