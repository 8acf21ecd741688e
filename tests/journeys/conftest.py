"""The shops to look at, and a browser for the journeys through the pages."""

import threading

import pytest
from web_stores import busy_store, empty_store, grouped_store, local_app, small_store  # noqa: F401 (fixtures)
from werkzeug.serving import make_server

WIDTHS = (1280, 420)


@pytest.fixture(scope="session")
def site(local_app):  # noqa: F811 (it is the one that is imported)
    """The app behind a real socket of this machine."""
    server = make_server("127.0.0.1", 0, local_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=WIDTHS)
def width(request):
    return request.param


@pytest.fixture(scope="module")
def tabs(browser):
    """One page a width for all tests, as one person goes on in one tab: beginning anew takes seconds."""
    pages = {width: _open_tab(browser, width) for width in WIDTHS}
    yield pages
    for page in pages.values():
        page.context.close()


@pytest.fixture
def tab(tabs, width):
    """A page that remembers what went wrong in it during this test."""
    page = tabs[width]
    page.complaints.clear()
    return page


def _open_tab(browser, width):
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("requestfailed", lambda request: page.complaints.extend(_trouble_with(request)))
    return page


def _trouble_with(request):
    """What a page was still loading when it was left is no trouble of it."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"failed: {request.url} ({request.failure})"]
