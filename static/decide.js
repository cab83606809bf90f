/* One key for each decision, as its button says. Everything works without it. */
"use strict";
document.addEventListener("keydown", (event) => {
    const types = event.target.matches("input, select, textarea");
    if (types || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    document.querySelector(`form[data-keys] [aria-keyshortcuts="${CSS.escape(event.key)}"]`)?.click();
});
