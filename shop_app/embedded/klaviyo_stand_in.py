"""The stand-in for Klaviyo that runs beside the one for Shopify: where it listens, and the key to it.

It is a program of its own (``sandbox.klaviyo``), started and reached like the real one; nothing of it is
imported here.
"""

import secrets
import sys
from dataclasses import dataclass, field

from shop_app.embedded.home import Home
from shop_app.embedded.stand_in import SAMPLE_SHOP, StandIn, kept_secret

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class KlaviyoStandIn:
    """One stand-in: its address, the command that runs it, and a private key that it knows."""

    origin: str
    command: tuple[str, ...]
    key: str = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """Return what it and the programs beside it get told."""
        return {"SANDBOX_KLAVIYO_KEY": self.key, "KLAVIYO_ORIGIN": self.origin}


def klaviyo_stand_in(home: Home, beside: StandIn, *, port: int) -> KlaviyoStandIn:
    """Return how to run the stand-in of this home, whose people are those of the sample store."""
    state = home.klaviyo_stand_in_state
    words = [sys.executable, "-m", "sandbox.klaviyo", f"--port={port}", f"--state={state}"]
    words += [f"--shopify-origin={beside.origin}", f"--shop={SAMPLE_SHOP}"]
    key = kept_secret(home.root / "sandbox-klaviyo.key", lambda: f"pk_{secrets.token_hex(17)}")
    return KlaviyoStandIn(f"http://{_HOST}:{port}", tuple(words), key)
