/* Local stand-in, part three: buttons, links and menus. */
(() => {
  if (!window.kindredPolaris) return;
  const {PolarisElement, define, escaped, attribute, icon} = window.kindredPolaris;

  class Button extends PolarisElement {
    static focusable = true;
    static formAssociated = true;
    static css = `
      :host { display: contents; }
      .control {
        display: inline-flex; align-items: center; justify-content: center; gap: 4px;
        min-height: 28px; padding: 6px 12px; border: 0; border-radius: 8px;
        font: 550 12px/16px var(--ui-font); text-decoration: none; white-space: nowrap; cursor: pointer;
        background: #fff; color: var(--ui-text); box-shadow: var(--ui-btn-shadow);
      }
      .control:hover { background: #fafafa; }
      .primary { background: #303030; color: #fff; box-shadow: var(--ui-btn-primary-shadow); }
      .primary:hover { background: #1a1a1a; }
      .tertiary { background: transparent; box-shadow: none; }
      .tertiary:hover { background: rgba(0, 0, 0, .06); }
      .icon { padding: 4px; }
      .item {
        display: flex; width: 100%; justify-content: flex-start; padding: 6px 8px;
        font: 450 13px/20px var(--ui-font); background: transparent; box-shadow: none;
      }
      .item:hover, .item:focus-visible { background: #f1f1f1; }
      @media (pointer: coarse) { .control { min-height: 32px; } .item { min-height: 40px; } }
      @media print { :host { display: none; } }`;

    constructor() {
      super();
      this.internals = this.attachInternals();
      this.addEventListener('click', (event) => this.act(event));
    }

    /** The focusable thing inside. */
    get control() {
      return this.shadowRoot.querySelector('.control');
    }

    get overlay() {
      return document.getElementById(this.text('commandfor'));
    }

    connectedCallback() {
      super.connectedCallback();
      // The menu stands after its button, and the label inside it: look again once both are there.
      if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', () => this.draw(), {once: true});
      }
    }

    act(event) {
      if (event.defaultPrevented || this.hasAttribute('disabled')) return;
      if (this.overlay?.toggleOverlay) {
        this.overlay.toggleOverlay(this);
      } else if (this.text('type') === 'submit') {
        this.internals.form?.requestSubmit();
      }
    }

    markup() {
      const inMenu = this.closest('s-menu');
      const hasIcon = this.hasAttribute('icon');
      const iconOnly = hasIcon && !this.textContent.trim();
      const opensMenu = this.overlay?.localName === 's-menu';
      const look = inMenu ? 'item' : this.text('variant');
      const common = `class="control ${escaped(look)}${iconOnly ? ' icon' : ''}"`
        + attribute('aria-label', this.text('accessibilitylabel'))
        + (inMenu ? ' role="menuitem" tabindex="-1"' : '')
        + (opensMenu ? ' aria-haspopup="menu" aria-expanded="false"' : '');
      const inner = (hasIcon ? icon(this.text('icon'), iconOnly ? 20 : 16) : '')
        + '<slot></slot>'
        + (opensMenu && !iconOnly ? icon('chevron-down', 16) : '');
      if (!this.hasAttribute('href')) return `<button type="button" ${common}>${inner}</button>`;
      const download = this.hasAttribute('download') ? ` download="${escaped(this.text('download'))}"` : '';
      const target = attribute('target', this.text('target'));
      return `<a ${common}${attribute('href', this.text('href'))}${target}${download}>${inner}</a>`;
    }
  }

  class Link extends PolarisElement {
    static focusable = true;
    static css = `
      a { color: var(--ui-link); text-decoration: underline; text-underline-offset: 2px; }
      :host([slot=breadcrumb-actions]) { display: inline-flex; }
      :host([slot=breadcrumb-actions]) a { display: inline-flex; align-items: center; gap: 4px; color: var(--ui-text-2); text-decoration: none; }
      :host([slot=breadcrumb-actions]) a:hover { color: var(--ui-text); text-decoration: underline; }`;

    markup() {
      const arrow = this.slot === 'breadcrumb-actions' ? icon('arrow-left', 16) : '';
      return `<a href="${escaped(this.text('href'))}">${arrow}<slot></slot></a>`;
    }
  }

  class Menu extends PolarisElement {
    static css = `
      :host { display: contents; }
      [popover] {
        margin: 0; position: fixed; inset: auto; min-width: 200px; padding: 6px; border: 0; border-radius: 12px;
        background: #fff; box-shadow: 0 0 0 1px rgba(0, 0, 0, .08), 0 8px 24px rgba(26, 26, 26, .18);
      }`;

    constructor() {
      super();
      this.addEventListener('keydown', (event) => this.moveFocus(event));
      this.addEventListener('click', () => setTimeout(() => this.hideOverlay()));
    }

    markup() {
      return `<div popover role="menu" aria-label="${escaped(this.text('accessibilitylabel') || 'Actions')}">
        <slot></slot></div>`;
    }

    afterDraw() {
      this.panel.addEventListener('toggle', (event) => {
        this.isOpen = event.newState === 'open';
        this.opener?.control?.setAttribute('aria-expanded', String(this.isOpen));
      });
    }

    get panel() {
      return this.shadowRoot.querySelector('[popover]');
    }

    get items() {
      return [...this.querySelectorAll('s-button')];
    }

    toggleOverlay(opener) {
      if (this.isOpen) {
        this.hideOverlay();
        return;
      }
      this.opener = opener;
      this.panel.showPopover();
      this.placeBelow(opener.control);
      this.items[0]?.control.focus();
    }

    hideOverlay() {
      if (this.isOpen) this.panel.hidePopover();
    }

    placeBelow(control) {
      const at = control.getBoundingClientRect();
      const left = Math.min(at.right - this.panel.offsetWidth, innerWidth - this.panel.offsetWidth - 8);
      const fitsBelow = at.bottom + this.panel.offsetHeight + 8 <= innerHeight;
      const top = fitsBelow ? at.bottom + 4 : at.top - this.panel.offsetHeight - 4;
      this.panel.style.left = `${Math.max(8, left)}px`;
      this.panel.style.top = `${Math.max(8, top)}px`;
    }

    moveFocus(event) {
      if (event.key === 'Tab') {
        this.hideOverlay();
        return;
      }
      const items = this.items;
      const here = items.indexOf(document.activeElement);
      const targets = {ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: items.length - 1};
      if (!(event.key in targets)) return;
      event.preventDefault();
      items[(targets[event.key] + items.length) % items.length].control.focus();
    }
  }

  define('s-button', Button, ['variant', 'icon', 'href', 'accessibilitylabel', 'commandfor']);
  define('s-link', Link, ['href']);
  define('s-menu', Menu, ['accessibilitylabel']);
})();
