"""The stand-in for Shopify that runs beside local mode: where it listens, what it and the app share.

It is a program of its own (``sandbox.shopify``), started and reached like the real one; nothing of it is
imported here.
"""

import os
import secrets
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from shop_app.embedded.home import Home
from shop_app.settings import API_VERSION, ShopifySettings

CLIENT_ID = "kindred-on-this-machine"
SAMPLE_SHOP = "thistle-and-quire.myshopify.com"
"""The store that the stand-in opens the app for by itself."""
SHOPS = (SAMPLE_SHOP, "quiet-corner.myshopify.com")
"""All the stores it has."""

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class StandIn:
    """One stand-in: its address, the command that runs it, and what it gets told through the environment."""

    origin: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(repr=False)
    shopify: ShopifySettings = field(repr=False)

    @property
    def admin_address(self) -> str:
        """Return where a person looks at the admin that it plays."""
        return f"{self.origin}/"


def stand_in(home: Home, *, port: int, app_port: int, customers: int, opens_app: bool) -> StandIn:
    """Return how to run the stand-in of this home; the secret is made once and kept beside its state."""
    secret = kept_secret(home.root / "sandbox.secret", lambda: secrets.token_hex(32))
    app_url, origin = f"http://{_HOST}:{app_port}", f"http://{_HOST}:{port}"
    words = [sys.executable, "-m", "sandbox.shopify", f"--port={port}", f"--state={home.stand_in_state}"]
    words += [f"--app-url={app_url}", f"--client-id={CLIENT_ID}", f"--customers={customers}"]
    words += ["--granted-scope=read_all_orders"]  # as to an app whose request for it was approved
    words += ["--open"] * opens_app
    return StandIn(
        origin=origin,
        command=tuple(words),
        environment={"SANDBOX_CLIENT_SECRET": secret},
        shopify=ShopifySettings(
            api_key=CLIENT_ID,
            api_secret=secret,
            api_secret_old=None,
            api_version=API_VERSION,
            admin_origin=origin,
            admin_web_origin=origin,
            cdn_origin=origin,
            app_url=app_url,
        ),
    )


def begin_anew(home: Home) -> None:
    """Throw away its stores, Klaviyo's accounts and what lies beside them; once, not at every start."""
    state, accounts = home.stand_in_state, home.klaviyo_stand_in_state
    beside = (*state.parent.glob(f"{state.name}*"), *accounts.parent.glob(f"{accounts.name}*"))
    for path in (*beside, state.with_name(f"{state.stem}-bulk")):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def kept_secret(file: Path, make: Callable[[], str]) -> str:
    """Return the secret in a file that nobody else may read; it is made once."""
    if not file.exists():
        _write_alone(file, make())
    return file.read_text(encoding="ascii").strip()


def _write_alone(file: Path, text: str) -> None:
    """Write a file that nobody else may read, from its first moment on."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as opened:  # noqa: PTH123 (a mode from the first moment)
        opened.write(text)
