/* Stand-in for Shopify's App Bridge: the same observable contract, none of its code. It speaks with the page
   around the frame (frame.js) by postMessage, and believes only the origin that this script came from. */
(() => {
  const script = document.currentScript;
  const adminOrigin = new URL(script.src).origin;
  const apiKey = script.dataset.apiKey || document.querySelector('meta[name="shopify-api-key"]')?.content || "";
  const query = new URLSearchParams(location.search);
  const RESERVED = ["embedded", "hmac", "host", "id_token", "locale", "session", "shop", "timestamp"];
  const named = /^frame:\/\/([^/]+)\/main\?(.*)$/.exec(window.name);
  const kept = new URLSearchParams(named ? named[2] : "");
  const config = Object.freeze({
    apiKey,
    shop: query.get("shop") || (named ? named[1] : ""),
    host: query.get("host") || kept.get("host") || "",
    locale: query.get("locale") || kept.get("locale") || "en-US",
  });
  const clean = (address) => {
    const url = new URL(address, location.href);
    for (const name of RESERVED) url.searchParams.delete(name);
    return url.pathname + url.search;
  };

  /* At the top of a window there is no admin around us: go there, as the real one does. */
  if (window.parent === window) {
    if (config.shop && apiKey) {
      const store = config.shop.replace(/\.myshopify\.com$/, "");
      const meant = new URL(query.get("shopify-reload") || location.href, location.href);
      const path = meant.origin === location.origin ? clean(meant) : "/";
      location.replace(`${adminOrigin}/store/${store}/apps/${apiKey}${path}`);
    }
    return;
  }

  const waiting = new Map();
  let last = 0;
  const tell = (bridge, data) => window.parent.postMessage({ bridge, ...data }, adminOrigin);
  const ask = (bridge, data) => new Promise((resolve, reject) => {
    last += 1;
    waiting.set(last, { resolve, reject });
    tell(bridge, { id: last, ...data });
  });

  /* The bounce page's document is written over in place, and this script runs again in the same window. */
  const native = window.fetch.native || window.fetch;
  const idToken = () => ask("idToken");
  const ours = (url) => url.protocol === location.protocol
    && (url.host === location.host || url.hostname.endsWith(`.${location.hostname}`));

  const send = async (request) => {
    request.headers.set("Authorization", `Bearer ${await idToken()}`);
    return native(request);
  };

  const decorated = async (input, init) => {
    const request = new Request(input, init);
    if (!ours(new URL(request.url))) return native(request);
    if (!request.headers.has("X-Requested-With")) request.headers.set("X-Requested-With", "XMLHttpRequest");
    if (!request.headers.has("Accept-Language")) request.headers.set("Accept-Language", config.locale);
    if (request.headers.has("Authorization")) return native(request);
    const again = request.clone();
    let answer = await send(request);
    if (answer.headers.has("X-Shopify-Retry-Invalid-Session-Request")) answer = await send(again);
    const leave = answer.headers.get("X-Shopify-API-Request-Failure-Reauthorize-Url");
    if (leave) tell("open", { address: new URL(leave, location.href).href, target: "_top" });
    return answer;
  };
  decorated.native = native;
  window.fetch = decorated;

  /* Addresses that are not the frame's own business go to the admin. */
  const outward = (address, target) => /^shopify:/.test(address) || target === "_top" || target === "_parent";
  const nativeOpen = window.open.native || window.open;
  const open = (address = "", target = "_blank", ...rest) => {
    if (!outward(String(address), target)) return nativeOpen.call(window, address, target, ...rest);
    const text = String(address);
    tell("open", { address: /^shopify:/.test(text) ? text : new URL(text, location.href).href, target });
    return null;
  };
  open.native = nativeOpen;
  window.open = open;
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.composedPath().find((node) => node.getAttribute && node.getAttribute("href"));
    if (!link || !outward(link.getAttribute("href"), link.getAttribute("target"))) return;
    event.preventDefault();
    open(link.getAttribute("href"), link.getAttribute("target") || "_top");
  });

  for (const name of ["pushState", "replaceState"]) {
    const before = history[name].native || history[name].bind(history);
    history[name] = (state, title, address) => {
      before(state, title, address);
      if (address !== undefined && address !== null) tell("history", { path: clean(location.href), kind: name });
    };
    history[name].native = before;
  }
  addEventListener("popstate", () => tell("history", { path: clean(location.href), kind: "popstate" }));

  /* A bounce page: fetch the page meant with a token, and write it in place of this one. */
  const target = query.get("shopify-reload");
  if (target && !query.has("id_token")) {
    const url = new URL(target, location.href);
    if (url.origin !== location.origin) throw new Error("shopify-reload leads to another origin");
    listen();
    document.documentElement.hidden = true;
    decorated(url.href, { headers: { Accept: "text/html", "X-Shopify-Bounce": "1" } }).then(async (answer) => {
      if (!/^text\/html/.test(answer.headers.get("Content-Type") || "")) throw new Error("shopify-reload answered no HTML");
      const html = await answer.text();
      const end = new URL(answer.url || url.href);
      history.replaceState.native(null, "", end.origin === location.origin ? end.href : url.href);
      document.open();
      document.write(html);
      document.close();
    });
    return;
  }

  /* The app's navigation is shown in the admin's side menu, not in the page. */
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("s-app-nav, ui-nav-menu { display: none !important; }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  let shown = "";
  const readNav = () => {
    const nav = document.querySelector("s-app-nav, ui-nav-menu");
    if (!nav) return;
    const links = [...nav.querySelectorAll("[href]")].map((node) => ({
      label: node.textContent.trim(),
      path: clean(node.getAttribute("href")),
      home: node.getAttribute("rel") === "home",
    }));
    const text = JSON.stringify(links);
    if (text !== shown) tell("nav", { links });
    shown = text;
  };
  new MutationObserver(readNav).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["href", "rel"] });
  addEventListener("DOMContentLoaded", readNav);

  const navigate = (path) => {
    const nodes = [...document.querySelectorAll("s-app-nav [href], ui-nav-menu [href], a[href], s-link[href]")];
    const link = nodes.find((node) => clean(node.getAttribute("href")) === path);
    if (!link) return tell("reload", { path });
    let handled = false;
    const probe = (event) => { handled = event.defaultPrevented; event.preventDefault(); };
    addEventListener("click", probe);
    link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, composed: true }));
    removeEventListener("click", probe);
    return handled ? undefined : tell("reload", { path });
  };

  /* Save bars: of forms that carry the attribute, and of ui-save-bar elements. */
  let form = null;
  const changed = (event) => {
    const found = event.composedPath().find((node) => node.matches && node.matches("form[data-save-bar]"));
    if (!found) return;
    form = found;
    tell("saveBar", { id: "form" });
  };
  const settled = (event) => { if (event.target === form) { form = null; tell("saveBar", { id: null }); } };
  for (const name of ["input", "change"]) document.addEventListener(name, changed);
  for (const name of ["submit", "reset"]) document.addEventListener(name, settled);
  const saved = (deed, id) => {
    if (form) return deed === "save" ? form.requestSubmit() : form.reset();
    const choice = deed === "save" ? "[variant=primary]" : ":not([variant=primary])";
    return document.getElementById(id)?.querySelector(`button${choice}`)?.click();
  };

  function listen() {
    addEventListener("message", (event) => {
      if (event.source !== window.parent || event.origin !== adminOrigin || !event.data) return;
      const { reply, value, error, admin, path, id } = event.data;
      if (reply && waiting.has(reply)) {
        const { resolve, reject } = waiting.get(reply);
        waiting.delete(reply);
        if (error === undefined) resolve(value); else reject(new Error(error));
      }
      if (admin === "navigate") navigate(path);
      if (admin === "save" || admin === "discard") saved(admin, id);
    });
  }
  listen();

  const element = (id) => document.getElementById(id);
  const notHere = (name) => async () => { throw new Error(`${name} is not simulated by the stand-in`); };
  window.shopify = {
    config,
    origin: adminOrigin,
    ready: Promise.resolve(),
    environment: { embedded: true, mobile: false, pos: false, intent: null },
    idToken,
    user: async () => ({ accountAccess: "Administrator" }),
    toast: {
      show: (text, options = {}) => { tell("toast", { text: String(text), error: options.isError, duration: options.duration }); return "toast"; },
      hide: () => tell("hideToast"),
    },
    loading: (on = true) => tell("loading", { on: Boolean(on) }),
    saveBar: {
      show: async (id) => tell("saveBar", { id }),
      hide: async () => tell("saveBar", { id: null }),
      toggle: async (id) => tell("saveBar", { id }),
      leaveConfirmation: () => ask("leaveConfirmation"),
    },
    modal: {
      show: async (id) => (element(id)?.showOverlay || element(id)?.show)?.call(element(id)),
      hide: async (id) => (element(id)?.hideOverlay || element(id)?.hide)?.call(element(id)),
      toggle: async (id) => (element(id)?.toggleOverlay || element(id)?.toggle)?.call(element(id)),
    },
    scopes: {
      query: async () => (await ask("scopes", { deed: "query", scopes: [] })).detail,
      request: (scopes) => ask("scopes", { deed: "grant", scopes }),
      revoke: async (scopes) => ({ detail: (await ask("scopes", { deed: "revoke", scopes })).detail }),
    },
    webVitals: { onReport: () => {} },
    resourcePicker: notHere("resourcePicker"),
    picker: notHere("picker"),
  };
  tell("history", { path: clean(location.href), kind: "load" });
  tell("ready", {});
})();
