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
      input, select, textarea {
        flex: 1; min-width: 0; width: 100%; border: 0; background: transparent; padding: 6px 12px; margin: 0;
        outline: none; appearance: none; color: inherit; font: 450 13px/20px var(--ui-font);
      }
      textarea { resize: vertical; }
      .affix { padding-inline-end: 12px; color: var(--ui-text-2); }
      .leading input { padding-inline-start: 32px; }
      select { padding-inline-end: 28px; text-overflow: ellipsis; }`;

    constructor() {
      super();
      this.internals = this.attachInternals();
    }

    get control() {
      return this.shadowRoot.querySelector('input, select, textarea');
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

    /** A field in a shadow tree does not do this by itself. */
    submitOnEnter() {
      this.control.addEventListener('keydown', (event) => {
        if (event.key === 'Enter') this.internals.form?.requestSubmit();
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
      this.submitOnEnter();
    }
  }

  class Select extends Field {
    connectedCallback() {
      super.connectedCallback();
      // While the page is being read, the options come after the select itself.
      this.watcher = new MutationObserver(() => this.draw());
      this.watcher.observe(this, {childList: true, subtree: true});
    }

    disconnectedCallback() {
      this.watcher.disconnect();
    }

    markup() {
      return `${this.label()}<div class="box trailing">
        <select id="control"${this.describedBy()}>${this.lines(this)}</select>${icon('select', 16)}</div>${this.below()}`;
    }

    /** Lines of a select, and groups of them. */
    lines(parent) {
      return [...parent.children].map((child) => {
        if (child.localName === 's-option-group') {
          return `<optgroup label="${escaped(child.getAttribute('label'))}">${this.lines(child)}</optgroup>`;
        }
        if (child.localName !== 's-option') return '';
        const selected = child.hasAttribute('selected') ? ' selected' : '';
        return `<option value="${escaped(child.getAttribute('value'))}"${selected}>${escaped(child.textContent.trim())}</option>`;
      }).join('');
    }
  }

  class TextField extends Field {
    static type = 'text';
    static limits = ['maxlength', 'placeholder'];

    markup() {
      const limits = this.constructor.limits.map((name) => attribute(name, this.text(name))).join('');
      const suffix = this.text('suffix') ? `<span class="affix">${escaped(this.text('suffix'))}</span>` : '';
      return `${this.label()}<div class="box">
        <input id="control" type="${this.constructor.type}" autocomplete="off" value="${escaped(this.text('value'))}"
        ${limits}${this.describedBy()}${attribute('aria-invalid', this.text('error') && 'true')}>${suffix}</div>${this.below()}`;
    }

    afterDraw() {
      super.afterDraw();
      this.submitOnEnter();
    }
  }

  class PasswordField extends TextField {
    static type = 'password';
  }

  class NumberField extends TextField {
    static type = 'number';
    static limits = ['min', 'max', 'step'];
  }

  class DateField extends TextField {
    static type = 'date';
    static limits = [];
  }

  class TextArea extends Field {
    markup() {
      return `${this.label()}<div class="box"><textarea id="control"${attribute('rows', this.text('rows'))}
        ${attribute('maxlength', this.text('maxlength'))}${this.describedBy()}${attribute('aria-invalid', this.text('error') && 'true')}>
${escaped(this.text('value'))}</textarea></div>${this.below()}`;
    }
  }

  class Checkbox extends Field {
    static css = `${Field.css}
      .line { display: flex; gap: 8px; align-items: flex-start; }
      .line label { margin: 0; }
      .below { margin-inline-start: 24px; }
      input { flex: none; appearance: auto; width: 16px; height: 16px; margin: 2px 0; accent-color: #303030; outline: revert; }`;

    get checked() {
      return this.control?.checked ?? this.hasAttribute('checked');
    }

    markup() {
      return `<div class="line"><input id="control" type="checkbox"${this.hasAttribute('checked') ? ' checked' : ''}
        ${this.describedBy()}>${this.label()}</div>${this.below()}`;
    }

    afterDraw() {
      const keep = () => this.internals.setFormValue(this.control.checked ? this.text('value') || 'on' : null);
      keep();
      this.control.addEventListener('change', () => {
        keep();
        this.dispatchEvent(new Event('change', {bubbles: true}));
      });
    }
  }

  class Option extends PolarisElement {
    static css = ':host { display: none; }';
  }

  define('s-search-field', SearchField, ['label', 'value', 'error']);
  define('s-select', Select, ['label', 'error']);
  define('s-option', Option);
  define('s-option-group', class extends PolarisElement {});
  define('s-text-field', TextField, ['label', 'value', 'error']);
  define('s-password-field', PasswordField, ['label', 'value', 'error']);
  define('s-number-field', NumberField, ['label', 'value', 'error']);
  define('s-date-field', DateField, ['label', 'value', 'error']);
  define('s-text-area', TextArea, ['label', 'value', 'error']);
  define('s-checkbox', Checkbox, ['label', 'checked', 'error']);
})();
