/* Moving between pages without loading the frame again. In local mode links and forms work without this file;
   in the Shopify admin nothing does, because only fetch carries the session token there. */
(() => {
  const LINKS = new Set(['A', 'S-LINK', 'S-BUTTON']);
  const PLACE = ['shop', 'host', 'embedded', 'locale']; // where the admin shows us: kept in every address
  const PROOFS = ['id_token', 'hmac', 'session', 'timestamp']; // good for a minute: kept in none
  const isEmbedded = Boolean(document.querySelector('meta[name="shopify-api-key"]'));
  const place = new URLSearchParams(location.search);
  let newest = 0;
  let shown = location.pathname + location.search;

  const main = () => document.getElementById('main');

  /** In the admin a page that is loaded anew must say which shop's admin may frame it. */
  function addressed(address) {
    const url = new URL(address, location.href);
    if (!isEmbedded) return url.href;
    PROOFS.forEach((name) => url.searchParams.delete(name));
    PLACE.filter((name) => place.has(name)).forEach((name) => url.searchParams.set(name, place.get(name)));
    return url.href;
  }

  /** Fetch a page and put its main part in place of this one's. */
  async function visit(url, {method = 'GET', body, remember = true} = {}) {
    const ticket = ++newest;
    main().setAttribute('aria-busy', 'true');
    let response;
    let page;
    try {
      response = await fetch(url, {method, body, headers: {Accept: 'text/html'}});
      page = new DOMParser().parseFromString(await response.text(), 'text/html');
    } catch {
      if (ticket === newest) failed(url, method);
      return;
    }
    if (ticket !== newest) return;
    const fresh = page.getElementById('main');
    if (!fresh) {
      location.assign(addressed(response.url));
      return;
    }
    const target = new URL(response.url);
    const stays = method === 'POST' && target.pathname === location.pathname;
    show(page, fresh);
    if (remember) history.pushState(null, '', addressed(target.href + new URL(url, location.href).hash));
    settle(remember && !stays);
  }

  /** A reload shows the browser's own words for a lost connection; what was to be written is not sent twice. */
  function failed(url, method) {
    if (method === 'GET') {
      location.assign(addressed(url));
      return;
    }
    main().removeAttribute('aria-busy');
    announce('That did not reach the server. Nothing was changed.');
  }

  function show(page, fresh) {
    // A parsed page has its noscript parts as real elements; in a form they would be sent along.
    fresh.querySelectorAll('noscript').forEach((part) => part.remove());
    main().replaceWith(document.adoptNode(fresh));
    const bar = page.getElementById('bar');
    bar?.querySelectorAll('noscript').forEach((part) => part.remove());
    if (bar) document.getElementById('bar').replaceWith(document.adoptNode(bar));
    document.title = page.title;
    hideTip();
    keepFresh();
  }

  /** Bring the reader to the beginning of the new page, or to the place the address names. */
  function settle(fromTop) {
    const place = location.hash && document.getElementById(location.hash.slice(1));
    const heading = document.querySelector('s-page')?.shadowRoot?.querySelector('h1');
    const target = place || heading || main();
    if (fromTop && !place) scrollTo(0, 0);
    target.focus({preventScroll: !place});
    shown = location.pathname + location.search;
    announce(document.title);
  }

  /** A download of the browser's own carries no token, so a link is asked for that works without for a while. */
  async function download(url) {
    try {
      const answer = await fetch('/links', {method: 'POST', body: new URLSearchParams({to: url.pathname + url.search})});
      if (!answer.ok) throw new Error(answer.status);
      location.assign((await answer.json()).href);
    } catch {
      announce('The file could not be fetched. Try again.');
    }
  }

  function announce(text) {
    document.getElementById('announce').textContent = text;
  }

  function isPlainClick(event) {
    const held = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    return !event.defaultPrevented && !event.button && !held;
  }

  /** Links may sit inside a component: look along the whole way of the event. */
  function linkOf(event) {
    return event.composedPath().find((node) => LINKS.has(node.nodeName) && node.hasAttribute('href'));
  }

  function isOurs(url) {
    const samePage = url.pathname === location.pathname && url.search === location.search;
    return url.origin === location.origin && !(samePage && url.hash);
  }

  document.addEventListener('click', (event) => {
    const link = isPlainClick(event) && linkOf(event);
    if (!link || link.hasAttribute('target')) return;
    const url = new URL(link.getAttribute('href'), location.href);
    if (link.hasAttribute('download')) {
      if (!isEmbedded || !isOurs(url)) return;
      event.preventDefault();
      download(url);
      return;
    }
    if (!isOurs(url)) return;
    event.preventDefault();
    visit(url.href);
  });

  /** Shopify asks the merchant's leave for what a form needs; a form that is refused it says what is missing. */
  async function askLeave(form) {
    const {scopes} = form.dataset;
    try {
      if (scopes) await window.shopify?.scopes?.request(scopes.split(' '));
    } catch {
      // what is missing then stands on the page that follows
    }
  }

  document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form));
    await askLeave(form);
    if (form.method === 'post') {
      visit(form.action, {method: 'POST', body: fields});
      return;
    }
    const url = new URL(form.action);
    url.search = fields;
    visit(url.href);
  });

  document.addEventListener('change', (event) => {
    const form = event.target.closest?.('form[data-submit-on-change]');
    form?.requestSubmit();
  });

  addEventListener('popstate', () => {
    // A step to another place of the same page is the browser's own business.
    if (shown !== location.pathname + location.search) visit(location.href, {remember: false});
  });

  /* A part that changes by itself: an element with data-refresh-url is fetched anew every
     data-refresh-seconds, until what comes has no such address any more. */
  let nextLook;

  function keepFresh(pause = 1) {
    clearTimeout(nextLook);
    const part = document.querySelector('[data-refresh-url]');
    if (part) nextLook = setTimeout(() => look(part, pause), part.dataset.refreshSeconds * 1000 * pause);
  }

  async function look(part, pause) {
    if (document.hidden) { // nobody sees it: look again when somebody does
      document.addEventListener('visibilitychange', () => keepFresh(0), {once: true});
      return;
    }
    try {
      const response = await fetch(part.dataset.refreshUrl, {headers: {Accept: 'text/html'}});
      if (!response.ok) throw new Error(response.status);
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      const fresh = page.querySelector('[data-refresh]');
      if (!fresh || !part.isConnected) return;
      replacePart(part, fresh);
      keepFresh();
    } catch {
      if (part.isConnected) keepFresh(Math.min(pause ? pause * 2 : 2, 20));
    }
  }

  function replacePart(part, fresh) {
    fresh.querySelectorAll('noscript').forEach((each) => each.remove());
    const held = part.contains(document.activeElement) && document.activeElement;
    const place = held && [...part.querySelectorAll(held.localName)].indexOf(held);
    part.replaceWith(document.adoptNode(fresh));
    if (held) (fresh.querySelectorAll(held.localName)[place] || main()).focus({preventScroll: true});
    if (fresh.dataset.announce !== part.dataset.announce) announce(fresh.dataset.announce);
  }

  keepFresh();

  /* Hints: extra to what stands on the page, shown on hover and on keyboard focus, closed by Escape. */
  let tip;

  function showTip(event) {
    const owner = event.target.closest?.('[data-tip]');
    if (!owner) {
      hideTip();
      return;
    }
    if (!tip) {
      tip = document.createElement('div');
      tip.className = 'tip';
      tip.setAttribute('aria-hidden', 'true');
      document.body.append(tip);
    }
    tip.textContent = owner.dataset.tip;
    tip.hidden = false;
    placeTip(owner.getBoundingClientRect(), tip.getBoundingClientRect());
  }

  function placeTip(owner, own) {
    const middle = owner.left + owner.width / 2 - own.width / 2;
    const above = owner.top > own.height + 12;
    tip.style.left = `${Math.max(8, Math.min(innerWidth - own.width - 8, middle))}px`;
    tip.style.top = `${above ? owner.top - own.height - 6 : owner.bottom + 6}px`;
  }

  function hideTip() {
    if (tip) tip.hidden = true;
  }

  document.addEventListener('pointerover', showTip);
  document.addEventListener('focusin', showTip);
  document.addEventListener('focusout', hideTip);
  addEventListener('scroll', hideTip, true);
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    hideTip();
    if (document.activeElement?.matches('.term')) document.activeElement.blur();
  });

  if (isEmbedded) history.replaceState(null, '', addressed(location.href));
  shown = location.pathname + location.search;
  document.documentElement.dataset.ready = ''; // browser tests wait for this
})();
