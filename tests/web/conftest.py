"""The shops to look at, for every test of a page."""

from web_stores import (  # noqa: F401 (pytest finds fixtures by their names here)
    busy_store,
    client,
    empty_store,
    hosted_client,
    local_app,
    same_origin,
    small_store,
)
