/* Local stand-in, part four: form-associated fields, so that a plain form and FormData see their values. */
(() => {
  if (!window.kindredPolaris) return;
  const {PolarisElement, define, escaped, attribute, icon} = window.kindredPolaris;

  class Field extends PolarisElement {
    static focusable = true;
    static formAssociated = true;
    static css = `
      :host { display: block; min-width: 0; }
      label, .below { display: block; }
      label:not(.vh) { margin-bottom: 4px; }
      .below { margin-top: 4px; color: var(--ui-text-2); }
      .error { color: var(--ui-crit-t); }
      .box {
        position: relative; display: flex; align-items: center; min-height: 32px;
        background: #fdfdfd; border-radius: 8px; box-shadow: inset 0 0 0 .66px var(--ui-input-border);
      }
      .box:focus-within { outline: 2px solid var(--ui-focus); outline-offset: 1px; }
      .box svg { position: absolute; pointer-events: none; color: #4a4a4a; }
      .leading svg { left: 8px; }
      .trailing svg { right: 8px; }
      input, select {
        flex: 1; min-width: 0; width: 100%; border: 0; background: transparent; padding: 6px 12px;
        outline: none; appearance: none; font: 450 13px/20px var(--ui-font);
      }
      .leading input { padding-inline-start: 32px; }
      select { padding-inline-end: 28px; text-overflow: ellipsis; }`;

    constructor() {
      super();
      this.internals = this.attachInternals();
    }

    get control() {
      return this.shadowRoot.querySelector('input, select');
    }

    get value() {
      return this.control?.value ?? this.text('value');
    }

    get name() {
      return this.text('name');
    }

    label() {
      const hidden = this.text('labelaccessibilityvisibility') === 'exclusive' ? ' class="vh"' : '';
      return `<label for="control"${hidden}>${escaped(this.text('label'))}</label>`;
    }

    below() {
      if (this.text('error')) return `<span class="below error" id="below" role="alert">${escaped(this.text('error'))}</span>`;
      if (this.text('details')) return `<span class="below" id="below">${escaped(this.text('details'))}</span>`;
      return '';
    }

    describedBy() {
      return attribute('aria-describedby', this.below() && 'below');
    }

    afterDraw() {
      const keep = () => this.internals.setFormValue(this.control.value);
      keep();
      this.control.addEventListener('input', keep);
      this.control.addEventListener('change', () => {
        keep();
        this.dispatchEvent(new Event('change', {bubbles: true}));
      });
    }
  }

  class SearchField extends Field {
    markup() {
      return `${this.label()}<div class="box leading">${icon('search', 16)}
        <input id="control" type="search" autocomplete="off" value="${escaped(this.text('value'))}"
        ${attribute('placeholder', this.text('placeholder'))}${this.describedBy()}></div>${this.below()}`;
    }

    afterDraw() {
      super.afterDraw();
      this.control.addEventListener('keydown', (event) => {
        if (event.key === 'Enter') this.internals.form?.requestSubmit();
      });
    }
  }

  class Select extends Field {
    connectedCallback() {
      super.connectedCallback();
      // While the page is being read, the options come after the select itself.
      this.watcher = new MutationObserver(() => this.draw());
      this.watcher.observe(this, {childList: true});
    }

    disconnectedCallback() {
      this.watcher.disconnect();
    }

    markup() {
      const options = [...this.querySelectorAll('s-option')].map((option) => {
        const selected = option.hasAttribute('selected') ? ' selected' : '';
        return `<option value="${escaped(option.getAttribute('value'))}"${selected}>${escaped(option.textContent.trim())}</option>`;
      });
      return `${this.label()}<div class="box trailing">
        <select id="control"${this.describedBy()}>${options.join('')}</select>${icon('select', 16)}</div>${this.below()}`;
    }
  }

  class Option extends PolarisElement {
    static css = ':host { display: none; }';
  }

  define('s-search-field', SearchField, ['label', 'value', 'error']);
  define('s-select', Select, ['label', 'error']);
  define('s-option', Option);
})();
