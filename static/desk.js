/* Keys on the desk: j and k move, x ticks, Enter opens. Everything works without it. */
"use strict";
document.addEventListener("keydown", (event) => {
    const where = event.target;
    const types = where.matches("select, textarea, input:not([type=checkbox])");
    if (types || event.ctrlKey || event.metaKey || event.altKey) return;
    const links = [...document.querySelectorAll(".desk tbody th a")];
    const row = where.closest(".desk tbody tr");
    const here = links.findIndex((link) => row && row.contains(link));
    if (event.key === "j" || event.key === "k") {
        const next = event.key === "j" ? here + 1 : Math.max(here - 1, 0);
        if (links[next]) links[next].focus();
    } else if (event.key === "x" && row) {
        const box = row.querySelector("input[type=checkbox]");
        if (box) box.checked = !box.checked;
    }
});
