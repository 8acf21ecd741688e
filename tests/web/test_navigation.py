import re

import pytest
from test_segment_pages import page

BELOW = ["All segments", "Goal", "Own segments", "Versions", "Report card", "Movements", "RFM"]


def links(html, label):
    """Return the links of a navigation, and which of them is marked as here."""
    part = html.partition(
        f'<nav class="below" aria-label="{label}">' if label == "Segments" else f'<nav aria-label="{label}">'
    )
    found = re.findall(r'<a href="[^"]*"( aria-current="page")?>([^<]*)</a>', part[2].partition("</nav>")[0])
    return [text for _, text in found], [text for mark, text in found if mark]


@pytest.mark.parametrize(
    ("path", "here"),
    [("/", "All segments"), ("/goals", "Goal"), ("/own/new", "Own segments"), ("/fits", "Versions")],
)
def test_what_stands_below_the_segments_is_reached_from_each_of_them(client, small_store, path, here):
    html = page(client, small_store, path)
    assert links(html, "Segments") == (BELOW, [here])
    assert links(html, "Main")[1] == ["Segments"]


def test_other_pages_show_the_few_places_alone(client, small_store):
    html = page(client, small_store, "/customers")
    assert links(html, "Segments") == ([], [])
    assert links(html, "Main") == (
        ["Segments", "Customers", "Data health", "Activity", "Privacy"],
        ["Customers"],
    )
