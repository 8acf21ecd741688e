"""The first open of the app without a browser: what the admin's frame and App Bridge would do, step by step."""

import logging
import threading
import time
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from sandbox.shopify import installs, sessions
from sandbox.shopify.world import World

_LOG = logging.getLogger("sandbox.shopify.opening")
_STEPS = 10
_SECONDS = 30
_LONGEST_PAUSE_SECONDS = 5.0


def open_app(world: World, shop: str, *, path: str = "/") -> requests.Response:
    """Open the app once, as the owner of a store would; return the page that the frame ends on."""
    installs.install(world, shop)
    with requests.Session() as session:
        session.trust_env = False
        if world.settings.get("legacy_install"):
            _agree(world, shop, session, f"{world.app.app_url}/?{sessions.install_query(world, shop)}")
        url = f"{world.app.app_url}{path}?{sessions.frame_query(world, shop)}"
        return _follow(world, shop, session, url)


def open_until_answered(world: World, shop: str, stopped: threading.Event) -> bool:
    """Open the app again and again until it answers 200; give up when told to stop."""
    pause = 0.25
    while not stopped.is_set():
        try:
            status = open_app(world, shop).status_code
        except requests.RequestException as error:
            status = 0
            _LOG.debug("the app does not answer yet: %s", type(error).__name__)
        if status == requests.codes.ok:
            return True
        stopped.wait(pause)
        pause = min(pause * 1.6, _LONGEST_PAUSE_SECONDS)
    return False


def _follow(world: World, shop: str, session: requests.Session, url: str) -> requests.Response:
    """Follow redirects inside the app; a bounce page is followed by App Bridge's own fetch."""
    answer = _load(session, url)
    for _ in range(_STEPS):
        if not answer.is_redirect:
            break
        target = urljoin(answer.url, answer.headers["Location"])
        if urlsplit(target).netloc != urlsplit(world.app.app_url).netloc:
            return _agree_and_reopen(world, shop, session, target)
        answer = _load(session, target)
        if bounced := parse_qs(urlsplit(target).query).get("shopify-reload"):
            answer = _fetch(world, shop, session, urljoin(target, bounced[0]))
    return answer


def _load(session: requests.Session, url: str) -> requests.Response:
    headers = {"Accept": "text/html", "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate"}
    return session.get(url, headers=headers, allow_redirects=False, timeout=_SECONDS)


def _fetch(world: World, shop: str, session: requests.Session, url: str) -> requests.Response:
    """Fetch as App Bridge does: with a fresh ID token, and once more where the app asks for another."""
    for _ in range(2):
        headers = {
            "Accept": "text/html",
            "Accept-Language": sessions.LOCALE,
            "Authorization": f"Bearer {sessions.mint_id_token(world, shop)}",
            "X-Requested-With": "XMLHttpRequest",
            "X-Shopify-Bounce": "1",
            "Sec-Fetch-Dest": "empty",
        }
        answer = session.get(url, headers=headers, allow_redirects=False, timeout=_SECONDS)
        if "X-Shopify-Retry-Invalid-Session-Request" not in answer.headers:
            break
        time.sleep(0.1)
    return answer


def _agree_and_reopen(world: World, shop: str, session: requests.Session, target: str) -> requests.Response:
    """Leave the frame: agree to what is asked at the admin's address, then load the app anew."""
    if urlsplit(target).netloc != urlsplit(world.origin).netloc:
        raise requests.RequestException("The app leads away from the admin.")
    _agree(world, shop, session, target)
    return _load(session, f"{world.app.app_url}/?{sessions.frame_query(world, shop)}")


def _agree(world: World, shop: str, session: requests.Session, url: str) -> None:
    """Go where the app sends the whole window, and press the button on the way."""
    session.cookies.set("shop", shop, domain=urlsplit(world.origin).hostname)
    answer = _load(session, url)
    for _ in range(_STEPS):
        at_admin = urlsplit(answer.url).netloc == urlsplit(world.origin).netloc
        if at_admin and answer.status_code == requests.codes.ok and "/oauth/authorize" in answer.url:
            answer = session.post(answer.url, allow_redirects=False, timeout=_SECONDS)
        if not answer.is_redirect:
            return
        target = urljoin(answer.url, answer.headers["Location"])
        if urlsplit(target).netloc == urlsplit(world.origin).netloc and "/oauth/" not in target:
            return  # back at the admin: the frame is next
        answer = _load(session, target)
