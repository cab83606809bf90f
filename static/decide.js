/* One key for each decision, as its button says. Everything works without it. It is
   loaded before the message is shown, so that no key pressed at sight of it is lost. */
"use strict";
document.addEventListener("keydown", (event) => {
    const types = event.target instanceof Element && event.target.matches("input, select, textarea");
    if (types || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    document.querySelector(`form[data-keys] [aria-keyshortcuts="${CSS.escape(event.key)}"]`)?.click();
});
