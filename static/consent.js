// Copy or print the answer of the look-up page. Without script the buttons stay hidden.
"use strict";
for (const row of document.querySelectorAll(".hand")) {
    row.hidden = false;
    const said = row.querySelector("[role=status]");
    row.querySelector("[data-print]")?.addEventListener("click", () => window.print());
    const copy = row.querySelector("[data-copy]");
    copy.addEventListener("click", async () => {
        const answer = document.getElementById(copy.dataset.copy);
        try {
            await navigator.clipboard.writeText(answer.textContent.trim());
            said.textContent = "Copied.";
        } catch {
            window.getSelection().selectAllChildren(answer);
            said.textContent = "Selected: press Ctrl+C.";
        }
    });
}
