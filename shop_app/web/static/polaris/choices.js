/* Local stand-in, part five: one or several of a list, each with some words of its own. */
(() => {
  if (!window.kindredPolaris) return;
  const {PolarisElement, define, escaped, attribute} = window.kindredPolaris;

  class ChoiceList extends PolarisElement {
    static focusable = true;
    static formAssociated = true;
    static css = `
      :host { display: block; min-width: 0; }
      fieldset { margin: 0; padding: 0; border: 0; min-width: 0; }
      legend { padding: 0; margin-bottom: 4px; }
      .vh { position: absolute; clip-path: inset(50%); }
      .choice { display: grid; grid-template-columns: 16px minmax(0, 1fr); gap: 0 8px; padding: 4px 0; }
      input { width: 16px; height: 16px; margin: 2px 0; accent-color: #303030; }
      .named { font-weight: 550; }
      .details, .below { color: var(--ui-text-2); }
      .details { grid-column: 2; }
      .below { display: block; margin-top: 4px; }
      .error { color: var(--ui-crit-t); }`;

    constructor() {
      super();
      this.internals = this.attachInternals();
    }

    connectedCallback() {
      super.connectedCallback();
      // While the page is being read, the choices come after the list itself.
      this.watcher = new MutationObserver(() => this.draw());
      this.watcher.observe(this, {childList: true, subtree: true});
    }

    disconnectedCallback() {
      this.watcher.disconnect();
    }

    get inputs() {
      return [...this.shadowRoot.querySelectorAll('input')];
    }

    get control() {
      return this.inputs.find((input) => input.checked) ?? this.inputs[0];
    }

    get name() {
      return this.text('name');
    }

    get values() {
      return this.inputs.filter((input) => input.checked).map((input) => input.value);
    }

    markup() {
      const hidden = this.text('labelaccessibilityvisibility') === 'exclusive' ? ' class="vh"' : '';
      const words = this.text('error') || this.text('details');
      const below = words && `<span class="below${this.text('error') ? ' error' : ''}" id="below">${escaped(words)}</span>`;
      const choices = [...this.querySelectorAll('s-choice')].map((choice, place) => this.choice(choice, place));
      return `<fieldset${attribute('aria-describedby', below && 'below')}>
        <legend${hidden}>${escaped(this.text('label'))}</legend>${choices.join('')}${below}</fieldset>`;
    }

    choice(choice, place) {
      const details = choice.querySelector('[slot=details]');
      const text = [...choice.childNodes].filter((node) => node !== details).map((node) => node.textContent).join('').trim();
      const id = `choice-${place}`;
      const type = this.hasAttribute('multiple') ? 'checkbox' : 'radio';
      const checked = choice.hasAttribute('selected') ? ' checked' : '';
      return `<div class="choice"><input type="${type}" name="choice" id="${id}" value="${escaped(choice.getAttribute('value'))}"${checked}
        ${attribute('aria-describedby', details && `${id}-details`)}><label for="${id}"${details ? ' class="named"' : ''}>${escaped(text)}</label>
        ${details ? `<span class="details" id="${id}-details">${escaped(details.textContent.trim())}</span>` : ''}</div>`;
    }

    afterDraw() {
      const keep = () => {
        const data = new FormData();
        this.values.forEach((value) => data.append(this.name, value));
        this.internals.setFormValue(data);
      };
      keep();
      this.inputs.forEach((input) => input.addEventListener('change', () => {
        keep();
        this.dispatchEvent(new Event('change', {bubbles: true}));
      }));
    }
  }

  class Choice extends PolarisElement {
    static css = ':host { display: none; }';
  }

  define('s-choice-list', ChoiceList, ['label', 'error']);
  define('s-choice', Choice);
})();
