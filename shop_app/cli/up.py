"""`kindred up`: everything on this machine, in one command, until Ctrl-C."""

import errno
import http.client
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import click

from shop_app.cli.session import opened, say
from shop_app.cli.up_destinations import connecting
from shop_app.clock import utc_now
from shop_app.embedded import servers, supervisor
from shop_app.embedded.home import Home, prepare
from shop_app.embedded.klaviyo_stand_in import KlaviyoStandIn, klaviyo_stand_in
from shop_app.embedded.stand_in import SAMPLE_SHOP, SHOPS, StandIn, begin_anew, stand_in
from shop_app.embedded.supervisor import Child
from shop_app.errors import StartRefusedError
from shop_app.settings import Settings

_HOST = "127.0.0.1"
_PAGES_FIRST_SECONDS = 4.0
"""How much later the workers start than the pages: all at once would keep a laptop's pages waiting."""

_HANDED_ON = ("DATABASE_URL", "REDIS_URL", "KINDRED_KEYS", "KINDRED_HASH_KEY")
_KEPT_BACK = ("DATABASE_OWNER_URL", *(f"{name}_FILE" for name in (*_HANDED_ON, "DATABASE_OWNER_URL")))
_STORE_CUSTOMERS = 5_000


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to run; without ``stand_in`` the app is installed in Shopify itself."""

    settings: Settings
    home: Home
    stand_in: StandIn | None
    klaviyo: KlaviyoStandIn | None

    @property
    def address(self) -> str:
        return f"http://{_HOST}:{self.settings.port}/"


@click.command("up")
@click.option("--fresh", is_flag=True, help="Let the stand-ins begin anew, with untouched stores.")
@click.option(
    "--customers",
    type=click.IntRange(0),
    default=_STORE_CUSTOMERS,
    show_default=True,
    help="Size of the sample store, where the stand-in makes it up now.",
)
def command(*, fresh: bool, customers: int) -> None:
    """Run everything here: database, pages, workers and clock, until Ctrl-C.

    Without Shopify settings a stand-in for Shopify runs too: it has a sample store, in whose admin the app
    is opened, and the pages are for this machine alone (127.0.0.1, PORT) and ask for no login. With
    SHOPIFY_API_KEY, SHOPIFY_API_SECRET and APP_URL set, the app is the one installed in Shopify. Beside that
    stand-in runs another for Klaviyo, which knows the store's customers, unless KLAVIYO_ORIGIN is set.
    """
    settings = Settings.from_env(os.environ)
    home = servers.home_of(settings)
    _refuse_public(settings)
    prepare(home)
    address = f"http://{_HOST}:{settings.port}/"
    with supervisor.only_one(home, address):
        for name in supervisor.stop_leftovers(home):
            say(f"Stopped the {name} that an earlier run had left.")
        _refuse_taken(settings.port)
        say(f"Starting Kindred on this machine; everything it keeps is in {home.root}.")
        try:
            with opened(may_migrate=True) as filled:
                _erase_again()
                beside = None if settings.shopify else _stand_in(home, filled, customers=customers, fresh=fresh)
                _run(settings, filled, _Plan(filled, home, beside, _klaviyo(home, beside)))
        except (KeyboardInterrupt, SystemExit):
            say("Everything is stopped.")
            raise


def _refuse_public(settings: Settings) -> None:
    if settings.app_url and not settings.shopify:
        raise StartRefusedError(
            "APP_URL is set without SHOPIFY_API_KEY and SHOPIFY_API_SECRET, and without these `kindred up` "
            "serves one machine without a login. Set all three, or unset APP_URL."
        )


def _erase_again() -> None:
    """Where an older backup was put back, erase whom it remembers, before anybody can look."""
    from shop_app.services.replay_erasures import count_forgotten, replay_erasures

    if count := count_forgotten():
        say(f"This database is older than {count} erasures that were done; doing them again.")
        replay_erasures(now=utc_now())


def _stand_in(home: Home, settings: Settings, *, customers: int, fresh: bool) -> StandIn:
    """Plan the stand-in; where there are only shops of other kinds, it opens the app for nobody.

    Beginning anew, it numbers its orders anew: what was read of its stores before is forgotten here too.
    """
    from shop_app.services.erase_shop import forget_shop
    from shop_app.storage import shops
    from shop_app.storage.engine import shopless

    with shopless() as connection:
        known = [domain for _, domain in shops.list_active(connection)]
    if fresh:
        begin_anew(home)
        with shopless() as connection:
            found = [shops.find_id(connection, domain) for domain in SHOPS]
        for shop_id in filter(None, found):
            forget_shop(shop_id)
    return stand_in(
        home,
        port=_another(settings.port),
        app_port=settings.port,
        customers=customers,
        opens_app=not known or SAMPLE_SHOP in known,
    )


def _klaviyo(home: Home, beside: StandIn | None) -> KlaviyoStandIn | None:
    """Plan the stand-in for Klaviyo, a port further than Shopify's; none where KLAVIYO_ORIGIN is set."""
    if beside is None or os.environ.get("KLAVIYO_ORIGIN"):
        return None
    return klaviyo_stand_in(home, beside, port=_another(urlsplit(beside.origin).port or 0))


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            why = (
                "is taken by another program"
                if error.errno == errno.EADDRINUSE
                else f"is refused: {error.strerror}"
            )
            raise StartRefusedError(
                f"Port {port} on {_HOST} {why}. Set PORT to another one: PORT={_another(port)} make run"
            ) from None


def _another(port: int) -> int:
    """Return a port worth proposing: one that is free this moment."""
    for candidate in range(max(port + 1, 8001), 65536):
        with socket.socket() as probe:
            if probe.connect_ex((_HOST, candidate)):
                return candidate
    return 8001


def _run(settings: Settings, filled: Settings, plan: _Plan) -> None:
    say("Starting the pages, the workers and the clock.")
    supervisor.supervise(
        _children(plan),
        home=plan.home,
        environment=_environment(filled, plan),
        each_round=_watch(settings, filled, plan),
        say=say,
    )


def _watch(settings: Settings, filled: Settings, plan: _Plan) -> Callable[[], None]:
    """Return what is looked at each round: the servers, the pages until they are there, the stand-ins."""
    told = False
    connect: Callable[[], None] | None = None
    if plan.stand_in is not None and plan.klaviyo is not None:
        connect = connecting(filled, plan.stand_in, plan.klaviyo)

    def look() -> None:
        nonlocal told
        if not servers.all_alive(settings):
            say("A server has ended; starting it again.")
            servers.ensure(settings, say=say)
        if not told and _answers(settings.port):
            told = True
            say(_ready_words(plan))
        if told and connect is not None:
            connect()

    return look


def _ready_words(plan: _Plan) -> str:
    if plan.stand_in is None:
        return (
            f"\nKindred is ready at {plan.address}, for Shopify to reach through {plan.settings.app_url}. "
            "Open it in the Shopify admin.\nCtrl-C stops it."
        )
    return (
        f"\nKindred is ready. Look at {plan.address}\n"
        f"The stand-in Shopify admin is at {plan.stand_in.admin_address}\n"
        f"{_klaviyo_words(plan.klaviyo)}Ctrl-C stops it."
    )


def _klaviyo_words(klaviyo: KlaviyoStandIn | None) -> str:
    if klaviyo is None:
        return ""
    return (
        f"The stand-in Klaviyo account is at {klaviyo.origin}/\n"
        f"  A private key to it, good for nothing else: {klaviyo.key}\n"
    )


def _answers(port: int) -> bool:
    page = http.client.HTTPConnection(_HOST, port, timeout=2.0)
    try:
        page.request("GET", "/healthz")
        return page.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        page.close()


def _environment(settings: Settings, plan: _Plan) -> dict[str, str]:
    """Return the environment of the children: resolved, and without the owner's way in."""
    kept = {name: value for name, value in os.environ.items() if name not in _KEPT_BACK}
    values = (settings.database_url, settings.redis_url, settings.keys, settings.hash_key)
    resolved = {name: value for name, value in zip(_HANDED_ON, values, strict=True) if value}
    return {
        **kept,
        **resolved,
        **({} if plan.stand_in is None else _shopify_environment(plan.stand_in)),
        **({} if plan.klaviyo is None else plan.klaviyo.environment),
        "KINDRED_HOME": str(settings.home),
        "PORT": str(settings.port),
    }


def _shopify_environment(beside: StandIn) -> dict[str, str]:
    shopify = beside.shopify
    return {
        **beside.environment,
        "SHOPIFY_API_KEY": shopify.api_key,
        "SHOPIFY_API_SECRET": shopify.api_secret,
        "SHOPIFY_ADMIN_ORIGIN": shopify.admin_origin,
        "SHOPIFY_ADMIN_WEB_ORIGIN": shopify.admin_web_origin,
        "SHOPIFY_CDN_ORIGIN": shopify.cdn_origin,
        "APP_URL": shopify.app_url,
    }


def _children(plan: _Plan) -> list[Child]:
    level, home = plan.settings.log_level.lower(), plan.home
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "workers.main"]
    local = plan.stand_in is not None
    beat = [*celery, "beat", "--pidfile=", f"--loglevel={level}"]
    children = [
        Child(
            "web server",
            [*python, "gunicorn", *_gunicorn(plan.settings.port, level, local=local)],
            _log(home, "web"),
        ),
        Child(
            "worker",
            [*celery, "worker", *_worker("kindred", level)],
            _log(home, "worker"),
            _PAGES_FIRST_SECONDS,
        ),
        Child("clock", beat, _log(home, "beat"), _PAGES_FIRST_SECONDS),
        Child(
            "worker for whole shops",
            [*celery, "worker", *_worker("kindred-heavy", level)],
            _log(home, "heavy"),
            _PAGES_FIRST_SECONDS,
        ),
    ]
    if plan.stand_in is not None:
        children.insert(0, Child("stand-in Shopify", plan.stand_in.command, _log(home, "sandbox")))
    if plan.klaviyo is not None:
        log = _log(home, "sandbox-klaviyo")
        children.append(Child("stand-in Klaviyo", plan.klaviyo.command, log, _PAGES_FIRST_SECONDS))
    return children


def _gunicorn(port: int, level: str, *, local: bool) -> list[str]:
    return [
        f"shop_app.app:create_{'local' if local else 'hosted'}_app()",
        f"--bind={_HOST}:{port}",
        "--worker-class=gthread",
        "--workers=1",  # one person looks at it, and each process takes seconds to start
        "--threads=8",
        "--timeout=60",
        "--graceful-timeout=10",
        "--no-control-socket",
        f"--log-level={level}",
    ]


def _worker(queue: str, level: str) -> list[str]:
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [f"--queues={queue}", "--concurrency=1", f"--hostname={queue}@local", f"--loglevel={level}", *quiet]


def _log(home: Home, name: str) -> Path:
    return home.logs / f"{name}.log"
