"""A server that answers what a test has written down, one answer a call, and remembers what it was asked."""

import json
import threading
from dataclasses import dataclass, field

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from shop_app.settings import ShopifySettings
from shop_app.shopify import config, cost_budget
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.cost_budget import budget_of

SHOP = "tea-shop.myshopify.com"
TOKEN = "shpat_of_the_tea_shop"


def cost(requested=10, available=1000, maximum=1000, rate=1000.0):
    status = {"maximumAvailable": maximum, "currentlyAvailable": available, "restoreRate": rate}
    return {"cost": {"requestedQueryCost": requested, "actualQueryCost": requested, "throttleStatus": status}}


def told(data=None, errors=None, status=200, extensions=None, **headers):
    """One answer as Shopify shapes it."""
    body = {"data": data, "extensions": extensions or cost()}
    if errors is not None:
        body["errors"] = errors
    if data is None:
        body.pop("data")
    return status, headers, json.dumps(body).encode()


def problem(code, message="No.", path=None):
    return {"message": message, "extensions": {"code": code}} | ({"path": path} if path else {})


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        pass


@dataclass
class ScriptedShopify:
    """Answers in turn; the last one again and again."""

    answers: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    headers: list = field(default_factory=list)

    def __enter__(self):
        self.server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        self.origin = f"http://127.0.0.1:{self.server.port}"
        config.configure(self.settings())
        cost_budget.connect(None)
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        config.configure(None)

    def settings(self, **values):
        known = {
            "api_key": "key",
            "api_secret": "secret",
            "api_secret_old": None,
            "api_version": "2026-10",
            "admin_origin": self.origin,
            "admin_web_origin": self.origin,
            "cdn_origin": self.origin,
            "app_url": "https://kindred.example.com",
        }
        return ShopifySettings(**known | values)

    def api(self, **how):
        return AdminApi(SHOP, TOKEN, budget_of(id(self)), **how)

    def says(self, *answers):
        self.answers = list(answers)
        return self

    @Request.application
    def _answer(self, request):
        self.asked.append(json.loads(request.get_data()))
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        status, headers, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Response(body, status, {name.replace("_", "-"): value for name, value in headers.items()})
