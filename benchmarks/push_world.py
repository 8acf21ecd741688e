"""A shop of many customers for `push.py`: in the database, in Shopify's stand-in and in Klaviyo's."""

from datetime import UTC, datetime

from sqlalchemy import text

from sandbox.klaviyo import call_log as klaviyo_log
from sandbox.klaviyo import profiles
from sandbox.klaviyo import server as klaviyo_server
from sandbox.shopify import call_log as shopify_log
from sandbox.shopify import documents, installs, tokens
from sandbox.shopify import server as shopify_server
from sandbox.shopify.app_config import read_registration
from sandbox.shopify.state import State
from sandbox.shopify.world import World
from shop_app.destinations import klaviyo_api, rate_windows
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.resolve_people import resolve_people
from shop_app.settings import ShopifySettings
from shop_app.shopify import config, cost_budget
from shop_app.storage import connections, shop_settings, shops
from shop_app.storage.connections import Tokens
from shop_app.storage.customer_hashes import email_hash
from shop_app.storage.encryption import seal
from shop_app.storage.engine import shopless, transaction

DOMAIN = "thistle-and-quire.myshopify.com"
CLIENT_ID, SECRET = "9f0c4f4b7c5d4d1f8a2b3c4d5e6f7a8b", "shpss_of_a_store_0123456789abcdef"
SCOPES = ("read_customers", "write_customers", "read_orders", "read_products", "read_all_orders")
NOW = datetime.now(tz=UTC)
AT_ONCE = 5_000


def address(number):
    """Return the made-up address of a customer."""
    return f"person-{number}@example.com"


class Shopify:
    """A store on the standard plan: 100 points a second, 2,000 at once; nobody hears its webhooks."""

    kind, pace, settings = "shopify", 1.0, {}

    def __init__(self, folder, redis_url):
        registration = read_registration(
            None, app_url="https://kindred.example.com", client_id=CLIENT_ID, client_secret=SECRET
        )
        settings = registration.settings | {"time_scale": 1.0, "toml_subscriptions": []}
        self.world = World(State(folder / "shopify.sqlite"), registration.app, "", settings=settings)
        shop = documents.make_shop(92_001, DOMAIN, "Thistle & Quire", currencyCode="EUR")
        self.world.state.put(DOMAIN, "shop", shop | {"restoreRate": 100, "bucketSize": 2_000})
        self._stand_in = shopify_server.StandIn(self.world, senders=0)
        self._stand_in.start()
        installs.install(self.world, DOMAIN, scopes=list(SCOPES))
        origin = self.world.origin
        config.configure(
            ShopifySettings(
                api_key=CLIENT_ID,
                api_secret=SECRET,
                api_secret_old=None,
                api_version="2026-10",
                admin_origin=origin,
                admin_web_origin=origin,
                cdn_origin=origin,
                app_url="https://kindred.example.com",
            )
        )
        cost_budget.connect(redis_url)

    def fill(self, customers):
        """Put customers into the store, each with two tags of the merchant's own."""
        made = (
            documents.make_customer(
                number, "2026-06-01T10:00:00Z", email=address(number), tags=["vip", "Wholesale"]
            )
            for number in range(1, customers + 1)
        )
        self.world.state.put_all(DOMAIN, "customer", [(each, None) for each in made])

    def token(self):
        """Return a token of the app's for this store."""
        return tokens.issue_offline(self.world, DOMAIN, expiring=False)["token"]

    def start(self):
        """Count from here on."""
        shopify_log.of(self.world).clear()
        self._since = len(list(self.world.state.each(DOMAIN, "bulk_operation")))

    def tally(self):
        """Return calls, refused calls, and how many changes of a customer were sent."""
        lines = shopify_log.of(self.world).listed()
        refused = [each for each in lines if each["status"] == 429 or "THROTTLED" in each["error_codes"]]
        operations = list(self.world.state.each(DOMAIN, "bulk_operation"))[self._since :]
        sent = sum(each["objectCount"] for each in operations if each["type"] == "MUTATION")
        for each in lines:  # a call by itself changes the tags of up to 25 customers, or values of one or more
            if "tagsAdd" in each["fields"] or "tagsRemove" in each["fields"]:
                sent += len(each["fields"])
            elif {"metafieldsSet", "metafieldsDelete"} & set(each["fields"]) and each["variables"]:
                given = each["variables"]
                owners = given["metafields"] if isinstance(given, dict) else []
                sent += len({one["ownerId"] for one in owners})
        return lines, len(refused), sent

    def stop(self):
        """End."""
        self._stand_in.stop()
        self.world.state.close()
        config.configure(None)


class Klaviyo:
    """An account with Klaviyo's own rate windows, whose clock runs fast."""

    kind, pace = "klaviyo", 10.0

    def __init__(self, folder, redis_url):
        self.world = klaviyo_server.make_world(folder / "klaviyo.sqlite", time_scale=1 / self.pace)
        self.account = klaviyo_server.make_account(self.world, "Thistle & Quire", key="ACC001")["id"]
        self.settings = {"private_key": klaviyo_server.make_key(self.world, self.account)["id"]}
        self._stand_in = klaviyo_server.StandIn(self.world)
        self._stand_in.start()
        klaviyo_api.configure(self.world.origin)
        rate_windows.connect(redis_url, pace=self.pace)

    def fill(self, customers):
        """Make a profile for each customer, with a property of the merchant's own."""
        made = (
            profiles.blank(f"01BLANK{number:019}")
            | {"email": address(number), "properties": {"shoe_size": number % 20 + 30}}
            for number in range(1, customers + 1)
        )
        self.world.state.put_profiles(self.account, made)

    def start(self):
        """Count from here on."""
        klaviyo_log.of(self.world).clear()

    def tally(self):
        """Return calls, refused calls, and how many changes of a profile were sent."""
        lines = klaviyo_log.of(self.world).listed()
        writes = [each for each in lines if each["operation"] in _WRITES]
        refused = sum(each["status"] == 429 for each in lines)
        return lines, refused, sum(each["rows"] for each in writes)

    def stop(self):
        """End."""
        self._stand_in.stop()
        self.world.state.close()
        klaviyo_api.configure(None)


_WRITES = frozenset(
    {
        "bulk_import_profiles",
        "create_or_update_profile",
        "add_profiles_to_list",
        "remove_profiles_from_list",
    }
)


def make_shop(customers, token):
    """Open the shop, write customers with orders straight into its tables, label them; return its id."""
    with shopless() as connection:
        shop_id = shops.create(connection, DOMAIN)
        shop_settings.create(
            connection, shop_id, title=DOMAIN, currency="EUR", timezone="UTC", source="shopify"
        )
        connections.connect(
            connection,
            shop_id,
            Tokens(token, None, None, None, SCOPES),
            grant_kind="token_exchange",
            installed_at=NOW,
            at=NOW,
        )
    for first in range(1, customers + 1, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, customers + 1))
        with transaction(shop_id) as connection:
            connection.execute(text(_CUSTOMERS), _rows(shop_id, numbers))
    with transaction(shop_id) as connection:
        connection.execute(text("SELECT setseed(0.5)"))
        connection.execute(text(_ORDERS), {"shop": shop_id, "now": NOW})
        connection.execute(text("SELECT count_facts_for_planner()"))
    resolve_people(shop_id)
    refresh_customers(shop_id, None, as_of=NOW)
    return shop_id


def _rows(shop_id, numbers):
    addresses = [address(number) for number in numbers]
    return {
        "shop": shop_id,
        "now": NOW,
        "numbers": list(numbers),
        "emails": [seal(each, table="customers", column="email", shop_id=shop_id) for each in addresses],
        "hashes": [email_hash(each, shop_id) for each in addresses],
    }


_CUSTOMERS = """
    INSERT INTO customers (shop_id, id, shopify_id, source, person_id, email, email_hash, email_consent, tags,
                           created_at, fact_at)
    SELECT :shop, number, number, 'shopify', number, email, hash, 'subscribed', ARRAY['vip', 'Wholesale'],
           CAST(:now AS timestamptz) - interval '3 years', :now
    FROM unnest(CAST(:numbers AS bigint[]), CAST(:emails AS bytea[]), CAST(:hashes AS bytea[]))
         AS given (number, email, hash)"""
_ORDERS = """
    INSERT INTO orders (shop_id, shopify_id, source, name, customer_id, processed_at, financial_status,
                        currency, total, goods_total, item_count, fact_at)
    SELECT :shop, id * 10 + place, 'shopify', '#' || (id * 10 + place), id,
           CAST(:now AS timestamptz) - (random() * random() * 900) * interval '1 day', 'paid', 'EUR',
           amount, amount, 1, :now
    FROM customers CROSS JOIN generate_series(1, 5) AS place
    CROSS JOIN LATERAL (SELECT (500 + id % 97 * 60 + place * 100) AS amount) AS costs
    WHERE place <= 1 + id % 7 % 5"""
