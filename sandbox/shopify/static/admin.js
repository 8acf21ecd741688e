/* The side menu on narrow screens. */
(() => {
  for (const button of document.querySelectorAll("[data-toggle]")) {
    const target = document.getElementById(button.dataset.toggle);
    const set = (open) => {
      target.classList.toggle("open", open);
      button.setAttribute("aria-expanded", String(open));
    };
    button.addEventListener("click", () => set(!target.classList.contains("open")));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && target.classList.contains("open")) {
        set(false);
        button.focus();
      }
    });
  }
})();
