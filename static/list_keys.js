// Lists by keyboard: j and k go down and up, x selects, Enter opens, / searches.
(() => {
    "use strict";
    const boxes = () => [...document.querySelectorAll("#result_list .action-select")];
    const move = (by) => {
        const all = boxes();
        const row = document.activeElement.closest("tr");
        const at = all.findIndex((box) => row && row.contains(box));
        const next = at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by));
        if (all[next]) {
            all[next].focus();
        }
    };
    const keys = {
        j: () => move(1),
        k: () => move(-1),
        x: () => document.activeElement.closest("tr")?.querySelector(".action-select")?.click(),
        "/": () => document.querySelector("#searchbar")?.focus(),
        Enter: () => document.activeElement.closest("tr")?.querySelector("th a")?.click(),
    };
    document.addEventListener("keydown", (event) => {
        const typing = event.target.matches("input:not([type=checkbox]), select, textarea");
        const opens = event.key === "Enter" && event.target.matches("a, button, summary");
        if (typing || opens || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) {
            return;
        }
        event.preventDefault();
        keys[event.key]();
    });
})();
