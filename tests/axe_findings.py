"""What axe has against a page in a real browser."""

import pytest

_NARROW_ONLY = ".treemap.tall, .menu-button"
"""What has words or colours and is shown on narrow screens alone."""

_LOOK = """async ([options, narrowOnly]) => {
  const violations = async (where, changes) =>
    (await axe.run(where, { ...options, resultTypes: ["violations"], ...changes })).violations;
  if (innerWidth > 760) return violations(document, {});
  const found = await violations(document, { rules: { "color-contrast": { enabled: false } } });
  if (!document.querySelector(narrowOnly)) return found;
  return [...found, ...await violations(narrowOnly, { runOnly: ["color-contrast"] })];
}"""


def violations(tab, **options):
    """Return a line for each element that breaks a rule.

    Contrast takes four fifths of the time and is the same at every width: it is looked at on wide screens, and
    on narrow ones for what only they show.
    """
    tab.evaluate(pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT)
    found = tab.evaluate(_LOOK, [options, _NARROW_ONLY])
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]
