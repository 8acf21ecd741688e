/* A local stand-in for Shopify's Polaris web components: the tags, attributes, slots and events that this
   app uses, for pages outside the Shopify admin. Own code; where the real library is present, it steps back.
   This file: what all elements share. */
(() => {
  if (window.kindredPolaris || customElements.get('s-page')) return;

  const ICON_PATHS = { // 20 by 20, drawn for this project
    'search': 'M9 14.5a5.5 5.5 0 1 1 0-11 5.5 5.5 0 0 1 0 11ZM13 13l4 4',
    'chevron-down': 'M6 8l4 4 4-4',
    'select': 'M7 8l3-3 3 3M7 12l3 3 3-3',
    'alert-triangle': 'M10 3.5 17.5 16.5h-15ZM10 8.5v3.5M10 14.3h.01',
    'info': 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 9.3v4M10 6.7h.01',
    'check-circle': 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM7 10.2l2.1 2.1 4-4.4',
    'export': 'M10 3.5v8.5M6.5 6.8 10 3.5l3.5 3.3M4 12v3.5h12V12',
    'arrow-left': 'M15.5 10h-11M9 5.5 4.5 10 9 14.5',
  };

  const SHARED_CSS = `
    * { box-sizing: border-box; }
    :host([hidden]) { display: none !important; }
    .vh {
      position: absolute; width: 1px; height: 1px; overflow: hidden;
      clip-path: inset(50%); white-space: nowrap;
    }
    :focus-visible { outline: 2px solid var(--ui-focus); outline-offset: 1px; }
    button, input, select { font: inherit; color: inherit; margin: 0; }`;

  const ENTITIES = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};

  function sheet(css) {
    const made = new CSSStyleSheet();
    made.replaceSync(css);
    return made;
  }

  const sharedSheet = sheet(SHARED_CSS);

  /** Make a value safe inside markup and quoted attributes. */
  function escaped(value) {
    return String(value ?? '').replace(/[&<>"]/g, (sign) => ENTITIES[sign]);
  }

  /** Return an attribute as markup, or nothing where the value is empty. */
  function attribute(name, value) {
    return value ? ` ${name}="${escaped(value)}"` : '';
  }

  function icon(name, size = 20) {
    return `<svg viewBox="0 0 20 20" width="${size}" height="${size}" fill="none" stroke="currentColor"
      stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d="${ICON_PATHS[name] ?? ICON_PATHS.info}"/></svg>`;
  }

  /** An element that draws its shadow root from its attributes, again only when the markup changes. */
  class PolarisElement extends HTMLElement {
    static css = '';

    constructor() {
      super();
      const kind = this.constructor;
      const root = this.attachShadow({mode: 'open', delegatesFocus: Boolean(kind.focusable)});
      kind.ownSheet ??= sheet(kind.css);
      root.adoptedStyleSheets = [sharedSheet, kind.ownSheet];
    }

    text(name) {
      return this.getAttribute(name) ?? '';
    }

    connectedCallback() {
      this.draw();
    }

    attributeChangedCallback() {
      if (this.isConnected) this.draw();
    }

    draw() {
      const markup = this.markup();
      if (markup === this.drawn) return;
      this.drawn = markup;
      this.shadowRoot.innerHTML = markup;
      this.afterDraw();
    }

    markup() {
      return '<slot></slot>';
    }

    afterDraw() {}
  }

  function define(tag, kind, attributes = []) {
    kind.observedAttributes = attributes;
    if (!customElements.get(tag)) customElements.define(tag, kind);
  }

  window.kindredPolaris = {PolarisElement, define, escaped, attribute, icon};
})();
