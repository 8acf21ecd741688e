"""Cells of an exported table that a spreadsheet shows as they are, and never runs as a formula."""

import re
from datetime import UTC, datetime

_RUNS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula (OWASP, "CSV Injection")."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def safe_cell(value: object) -> str:
    """Return the text of one cell; what a spreadsheet would run gets an apostrophe in front.

    Plain numbers stay as they are, minus sign and all, and so does the phone number ``+4930123456``:
    spreadsheets and programs read both as numbers. Nothing is an empty cell, a moment is ISO 8601 in UTC,
    yes and no are ``true`` and ``false``. Whoever reads the file by program takes away one leading apostrophe
    that is followed by one of ``= + - @``, a tab or a carriage return.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    text = str(value)
    if text.lstrip(" ").startswith(_RUNS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
