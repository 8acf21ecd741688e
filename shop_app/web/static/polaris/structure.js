/* Local stand-in, part two: the page, its sections, and what tells a state. */
(() => {
  if (!window.kindredPolaris) return;
  const {PolarisElement, define, escaped, attribute, icon} = window.kindredPolaris;

  class Page extends PolarisElement {
    static css = `
      :host { display: block; margin: 0 auto; padding: 0 16px 32px; max-width: 1000px; }
      :host([inlinesize=large]) { max-width: 1440px; padding-inline: 24px; }
      header { display: flex; gap: 8px 12px; align-items: center; flex-wrap: wrap; padding: 20px 0 16px; }
      h1 { font: 650 20px/24px var(--ui-font); letter-spacing: -.01em; margin: 0; overflow-wrap: anywhere; }
      h1:focus { outline: none; }
      .title { display: flex; gap: 8px; align-items: center; flex: 1 1 auto; min-width: 0; flex-wrap: wrap; }
      .actions { display: flex; gap: 8px; align-items: center; flex-wrap: wrap; }
      .content { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
      @media (max-width: 600px) { :host, :host([inlinesize=large]) { padding-inline: 12px; } }`;

    markup() {
      return `<header><slot name="breadcrumb-actions"></slot>
        <div class="title"><h1 tabindex="-1">${escaped(this.text('heading'))}</h1><slot name="accessory"></slot></div>
        <div class="actions"><slot name="secondary-actions"></slot><slot name="primary-action"></slot></div></header>
        <div class="content"><slot></slot></div>`;
    }
  }

  class Section extends PolarisElement {
    static css = `
      :host { display: block; min-width: 0; }
      section {
        background: var(--ui-surface); border-radius: 12px; box-shadow: var(--ui-card-shadow);
        padding: 16px; height: 100%;
      }
      section.flush { padding: 0; overflow: clip; }
      header { margin-bottom: 12px; display: flex; gap: 8px 12px; align-items: flex-start; flex-wrap: wrap; }
      .flush > header { margin: 0; padding: 16px 16px 12px; }
      header > div { flex: 1 1 220px; }
      h2 { font: 650 14px/20px var(--ui-font); margin: 0; }
      p { margin: 2px 0 0; color: var(--ui-text-2); }
      @media print { section { box-shadow: none; border: 1px solid #ccc; } }`;

    markup() {
      const heading = this.text('heading');
      const flush = this.text('padding') === 'none' ? ' class="flush"' : '';
      if (!heading) {
        return `<section${flush}${attribute('aria-label', this.text('accessibilitylabel'))}><slot></slot></section>`;
      }
      const subheading = this.text('subheading') ? `<p>${escaped(this.text('subheading'))}</p>` : '';
      return `<section${flush} aria-labelledby="heading">
        <header><div><h2 id="heading">${escaped(heading)}</h2>${subheading}</div>
        <slot name="secondary-actions"></slot></header><slot></slot></section>`;
    }
  }

  class Badge extends PolarisElement {
    static css = `
      span {
        display: inline-flex; align-items: center; padding: 2px 8px; border-radius: 8px;
        font: 550 12px/16px var(--ui-font); white-space: nowrap;
        background: rgba(0, 0, 0, .06); color: var(--ui-text-2);
      }
      .success { background: var(--ui-ok-b); color: var(--ui-ok-t); }
      .info { background: var(--ui-info-b); color: var(--ui-info-t); }
      .caution { background: var(--ui-caution-b); color: var(--ui-caution-t); }
      .warning { background: var(--ui-warn-b); color: var(--ui-warn-t); }
      .critical { background: var(--ui-crit-b); color: var(--ui-crit-t); }`;

    markup() {
      return `<span class="${escaped(this.text('tone'))}"><slot></slot></span>`;
    }
  }

  const BANNER_ICONS = {warning: 'alert-triangle', critical: 'alert-triangle', success: 'check-circle'};

  class Banner extends PolarisElement {
    static css = `
      :host { display: block; }
      .banner { border-radius: 12px; background: var(--ui-surface); box-shadow: var(--ui-card-shadow); overflow: hidden; }
      .head { display: flex; gap: 8px; align-items: center; padding: 10px 12px; background: #d5ebff; color: #002133; font-weight: 650; }
      .warning .head { background: #ffd6a4; color: #251a00; }
      .success .head { background: #cdfed4; color: #0c5132; }
      .critical .head { background: #fed1d7; color: #5c0011; }
      .body { padding: 12px 16px; }
      svg { flex: none; }`;

    markup() {
      const tone = this.text('tone') || 'info';
      const role = tone === 'critical' ? 'alert' : 'status';
      return `<div class="banner ${escaped(tone)}" role="${role}">
        <div class="head">${icon(BANNER_ICONS[tone] ?? 'info')}<span>${escaped(this.text('heading'))}</span></div>
        <div class="body"><slot></slot></div></div>`;
    }
  }

  class EmptyState extends PolarisElement {
    static css = `
      :host { display: block; text-align: center; padding: 24px 16px 32px; }
      h2 { font: 650 16px/24px var(--ui-font); margin: 0 0 8px; }
      .actions { display: flex; gap: 8px; justify-content: center; margin-top: 16px; }`;

    markup() {
      return `<h2>${escaped(this.text('heading'))}</h2><slot></slot>
        <div class="actions"><slot name="secondary-actions"></slot><slot name="primary-action"></slot></div>`;
    }
  }

  define('s-page', Page, ['heading']);
  define('s-section', Section, ['heading', 'subheading']);
  define('s-badge', Badge, ['tone']);
  define('s-banner', Banner, ['heading', 'tone']);
  define('s-empty-state', EmptyState, ['heading']);
})();
