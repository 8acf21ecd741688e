"""What a process is told at its start: where vendors are, how it shares their limits, what it may reach."""

from shop_app.destinations import klaviyo_api, rate_windows
from shop_app.services import export_folders
from shop_app.settings import Settings
from shop_app.shopify import config, cost_budget
from shop_app.wire import public_addresses


def reach_vendors(settings: Settings) -> None:
    """Set this process up for the outside world; without Redis it counts calls for itself."""
    if settings.shopify is not None:
        config.configure(settings.shopify)
    klaviyo_api.configure(settings.klaviyo_origin)
    cost_budget.connect(settings.redis_url)
    rate_windows.connect(settings.redis_url)
    public_addresses.allow_local_targets(settings.local_targets)
    export_folders.use(settings.home, settings.export_folders)
