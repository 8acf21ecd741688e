/* Moving between pages without loading the frame again. Links and forms work without this file. */
(() => {
  const LINKS = new Set(['A', 'S-LINK', 'S-BUTTON']);
  let newest = 0;
  let shown = location.pathname + location.search;

  const main = () => document.getElementById('main');

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
      location.assign(response.url);
      return;
    }
    const target = new URL(response.url);
    const stays = method === 'POST' && target.pathname === location.pathname;
    show(page, fresh);
    if (remember) history.pushState(null, '', target.href + new URL(url, location.href).hash);
    settle(remember && !stays);
  }

  /** A reload shows the browser's own words for a lost connection; what was to be written is not sent twice. */
  function failed(url, method) {
    if (method === 'GET') {
      location.assign(url);
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
    if (!link || link.hasAttribute('download') || link.hasAttribute('target')) return;
    const url = new URL(link.getAttribute('href'), location.href);
    if (!isOurs(url)) return;
    event.preventDefault();
    visit(url.href);
  });

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form));
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

  document.documentElement.dataset.ready = ''; // browser tests wait for this
})();
