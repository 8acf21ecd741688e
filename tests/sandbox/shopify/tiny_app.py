"""A tiny embedded app for the stand-in to talk to: ID tokens, a bounce page, token exchange, webhooks."""

import base64
import hashlib
import hmac
import threading
import time
from urllib.parse import urlencode

import flask
import jwt
import requests
from werkzeug.serving import WSGIRequestHandler, make_server

CLIENT_ID, SECRET = "9f0c4f4b7c5d4d1f8a2b3c4d5e6f7a8b", "shpss_of_the_test_app_0123456789"
OLD_SECRET = "shpss_of_last_year_0123456789abc"
JSON = {"Accept": "application/json"}
OPEN_PATHS = ("/webhooks/shopify", "/auth/bounce", "/app.js", "/auth/callback", "/favicon.ico")
EXCHANGE = {
    "client_id": CLIENT_ID,
    "client_secret": SECRET,
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
    "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
    "expiring": "1",
}
HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tiny</title>
<link rel="icon" href="data:,"><meta name="shopify-api-key" content="{key}">
<script src="{origin}/shopifycloud/app-bridge.js"></script>"""
PAGE = """<script src="/app.js" defer></script></head><body>
<s-app-nav><s-link href="/" rel="home">Home</s-link><s-link href="/segments">Segments</s-link>
<s-link href="/bundles">Bundles</s-link></s-app-nav>
<h1>{path}</h1><p id="shop">{shop}</p><a id="plain" href="/segments">plain</a>
<a id="out" href="shopify://admin/customers">customers</a>
<button id="fetch">fetch</button><button id="toast">toast</button><button id="top">top</button>
<button id="ask">ask</button><p id="answer"></p>
<form data-save-bar id="form"><label>Name <input name="name"></label></form></body></html>"""
SCRIPT = """
const byId = id => document.getElementById(id);
const say = text => { byId('answer').textContent = text; };
byId('fetch').onclick = async () => say((await (await fetch('/data')).json()).seen);
byId('toast').onclick = () => shopify.toast.show('Kept for you');
byId('top').onclick = () => window.open('shopify://admin/orders', '_top');
byId('ask').onclick = async () => say((await shopify.scopes.request(['write_products'])).result);
document.addEventListener('click', event => {
  const link = event.composedPath().find(n => n.getAttribute && n.getAttribute('href') === '/bundles');
  if (!link) return;
  event.preventDefault();
  history.pushState(null, '', '/bundles');
  document.querySelector('h1').textContent = 'bundles, without a load';
});
byId('form').addEventListener('submit', event => { event.preventDefault(); say('form was sent'); });
"""


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_):
        pass


class TinyApp:
    """The app as a server; ``answer`` is what webhooks get, ``refuse_once`` calls the next ID token bad."""

    def __init__(self):
        self.webhooks, self.visits, self.callbacks, self.tokens = [], [], [], {}
        self.attempts = 0
        self.answer = 200
        self.refuse_once = False
        self.asks_for_consent = False  # itself, as apps did before Shopify installed them
        self.origin = ""  # of the stand-in
        self.server = make_server("127.0.0.1", 0, self._flask(), threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self.server.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def wait_for(self, topic, count=1, seconds=10):
        """Headers and bodies of a topic's webhooks, as soon as there are so many."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = [one for one in list(self.webhooks) if one[0]["X-Shopify-Topic"] == topic]
            if len(found) >= count:
                return found
            time.sleep(0.01)
        came = [headers["X-Shopify-Topic"] for headers, _ in self.webhooks]
        raise AssertionError(f"not {count} {topic} within {seconds} s; what came: {came}")

    def exchange(self, id_token, **more):
        body = EXCHANGE | {"subject_token": id_token} | more
        return requests.post(f"{self.origin}/admin/oauth/access_token", data=body, headers=JSON, timeout=10)

    def _flask(self):
        app = flask.Flask(__name__)
        app.before_request(self._gate)
        app.add_url_rule("/webhooks/shopify", view_func=self._webhook, methods=["POST"])
        app.add_url_rule("/auth/callback", view_func=self._callback)
        app.add_url_rule("/auth/bounce", view_func=lambda: self._head() + "</head><body></body></html>")
        app.add_url_rule("/app.js", "js", view_func=lambda: flask.Response(SCRIPT, mimetype="text/javascript"))
        app.add_url_rule("/data", view_func=self._data)
        app.add_url_rule("/", view_func=self._page)
        app.add_url_rule("/<path:path>", view_func=self._page)
        return app

    def _webhook(self):
        self.attempts += 1
        raw = flask.request.get_data()
        signed = base64.b64encode(hmac.new(SECRET.encode(), raw, hashlib.sha256).digest()).decode()
        if signed != flask.request.headers["X-Shopify-Hmac-Sha256"]:
            return "", 401
        if self.answer == 200:
            self.webhooks.append((flask.request.headers, raw))
        return "", self.answer

    def _callback(self):
        self.callbacks.append(dict(flask.request.args))
        store = flask.request.args["shop"].partition(".")[0]
        return flask.redirect(f"{self.origin}/store/{store}/apps/{CLIENT_ID}")

    def _data(self):
        given = flask.request.headers
        return {"seen": f"{given['X-Requested-With']} {given['Accept-Language']} {flask.g.shop}"}

    def _page(self, path=""):
        text = self._head() + PAGE.format(path=f"/{path}", shop=flask.g.shop)
        policy = (
            f"default-src 'self'; img-src data:; script-src 'self' {self.origin}; frame-ancestors {self.origin}"
        )
        return flask.Response(text, headers={"Content-Security-Policy": policy}, mimetype="text/html")

    def _head(self):
        return HEAD.format(key=CLIENT_ID, origin=self.origin)

    def _gate(self):
        request = flask.request
        if request.path in OPEN_PATHS:
            return None
        if self.asks_for_consent and "embedded" not in request.args:
            query = {"client_id": CLIENT_ID, "redirect_uri": f"{self.url}/auth/callback", "state": "n0nce"}
            return flask.redirect(f"{self.origin}/admin/oauth/authorize?{urlencode(query)}")
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ") or request.args.get("id_token", "")
        bounce = "X-Shopify-Bounce" in request.headers
        self.visits.append({"path": request.path, "header": bool(header), "bounce": bounce, "url": request.url})
        claims = self._claims(token, fetched=bool(header))
        if claims is None and header:
            return "", 401, {"X-Shopify-Retry-Invalid-Session-Request": "1"}
        if claims is None:
            own = {name: value for name, value in request.args.items() if name != "id_token"}
            own["shopify-reload"] = f"{request.path}?{urlencode(own)}"
            return flask.redirect(f"/auth/bounce?{urlencode(own)}")
        flask.g.shop = claims["dest"].removeprefix("https://")
        if flask.g.shop not in self.tokens:
            self.tokens[flask.g.shop] = self.exchange(token).json()
        return None

    def _claims(self, token, *, fetched):
        if fetched and self.refuse_once:
            self.refuse_once = False
            return None
        try:
            return jwt.decode(token, SECRET, ["HS256"], audience=CLIENT_ID)
        except jwt.PyJWTError:
            return None
