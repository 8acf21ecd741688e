/* The page around the app's frame: hands out ID tokens, keeps the address in step, shows the app's navigation,
   toasts and save bar, and takes the app wherever it asks to go. Speaks with app-bridge.js by postMessage. */
(() => {
  const frame = document.getElementById("app");
  const { here, store, origin } = frame.dataset;
  const byId = (id) => document.getElementById(id);
  const send = (message) => frame.contentWindow.postMessage(message, origin);
  let path = location.pathname.slice(here.length) || "/";

  const post = async (name, body) => {
    const answer = await fetch(`${here}/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body || {}),
    });
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return answer.json();
  };

  const load = async (target) => {
    frame.src = (await post("_frame", { path: target })).url;
  };

  /* Where the app may send the whole window: pages of this admin, its own pages, anywhere else on the web. */
  const go = (address, target) => {
    let url;
    if (/^shopify:/.test(address)) {
      const inside = address.replace(/^shopify:(\/\/)?(admin)?/, "");
      url = new URL(store + (inside.startsWith("/") ? inside : `/${inside}`), location.origin);
    } else {
      url = new URL(address, origin);
    }
    if (!/^https?:$/.test(url.protocol)) return;
    if (target === "_blank") window.open(url.href, "_blank", "noopener");
    else location.assign(url.href);
  };

  const mark = () => {
    for (const link of byId("app-nav").querySelectorAll("a")) {
      if (link.dataset.path === path.split("?")[0]) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  };

  const showLinks = (links) => {
    const rows = links.filter((link) => !link.home).map((link) => {
      const a = document.createElement("a");
      a.href = here + link.path;
      a.dataset.path = link.path.split("?")[0];
      a.textContent = link.label;
      a.addEventListener("click", (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
        event.preventDefault();
        byId("side").classList.remove("open");
        document.querySelector("[data-toggle]")?.setAttribute("aria-expanded", "false");
        send({ admin: "navigate", path: link.path });
      });
      const row = document.createElement("li");
      row.append(a);
      return row;
    });
    byId("app-nav").replaceChildren(...rows);
    mark();
  };

  let toastTimer;
  const hideToast = () => { byId("toast").hidden = true; };
  const showToast = ({ text, error, duration }) => {
    const toast = byId("toast");
    toast.querySelector("span").textContent = text;
    toast.classList.toggle("error", Boolean(error));
    toast.hidden = false;
    clearTimeout(toastTimer);
    toastTimer = setTimeout(hideToast, duration || 5000);
  };
  byId("toast").querySelector("button").addEventListener("click", hideToast);

  let saveBar = null;
  const showSaveBar = (id) => {
    saveBar = id;
    byId("save-bar").hidden = id === null;
  };
  byId("save").addEventListener("click", () => send({ admin: "save", id: saveBar }));
  byId("discard").addEventListener("click", () => send({ admin: "discard", id: saveBar }));

  const askForScopes = async (scopes) => {
    const dialog = byId("ask");
    dialog.querySelector("ul").replaceChildren(...scopes.map((scope) => {
      const row = document.createElement("li");
      row.textContent = scope;
      return row;
    }));
    dialog.returnValue = "no";
    dialog.showModal();
    await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
    return dialog.returnValue === "yes";
  };

  const answers = {
    idToken: async () => (await post("_token")).token,
    scopes: async ({ deed, scopes }) => {
      if (deed === "grant" && !(await askForScopes(scopes))) return { result: "declined-all", detail: await post("_scopes") };
      const detail = await post("_scopes", { deed, scopes });
      return { result: "granted-all", detail };
    },
    leaveConfirmation: async () => saveBar === null || confirm("Leave without saving?"),
  };

  const told = {
    history: (data) => {
      path = data.path;
      history.replaceState(null, "", here + (path === "/" ? "" : path) + location.hash);
      mark();
    },
    nav: (data) => showLinks(data.links),
    reload: (data) => load(data.path),
    open: (data) => go(data.address, data.target),
    toast: showToast,
    hideToast,
    loading: (data) => { byId("busy").textContent = data.on ? "Loading…" : ""; },
    saveBar: (data) => showSaveBar(data.id),
    ready: () => { frame.dataset.ready = "yes"; },
  };

  addEventListener("message", async (event) => {
    if (event.source !== frame.contentWindow || event.origin !== origin || !event.data || !event.data.bridge) return;
    const data = event.data;
    if (Object.hasOwn(told, data.bridge)) told[data.bridge](data);
    if (Object.hasOwn(answers, data.bridge)) {
      try {
        send({ reply: data.id, value: await answers[data.bridge](data) });
      } catch (error) {
        send({ reply: data.id, error: String(error.message || error) });
      }
    }
  });

  /* Only now, with somebody listening: what the app says at its first moment must not be lost. */
  frame.src = frame.dataset.src;
})();
