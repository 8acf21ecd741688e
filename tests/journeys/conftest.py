"""The shops to look at, for the journeys through the pages."""

from web_stores import busy_store, empty_store, grouped_store, local_app, small_store  # noqa: F401 (fixtures, found by name)
