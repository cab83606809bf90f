// Say below a text how long it is. Without script its longest length still holds.
"use strict";
for (const field of document.querySelectorAll("textarea[maxlength]")) {
    const said = document.createElement("output");
    said.htmlFor = field.id;
    said.className = "help length";
    const count = () => {
        const most = Number(field.getAttribute("maxlength"));
        said.textContent = `${field.value.length} of ${most} characters`;
    };
    field.insertAdjacentElement("afterend", said);
    field.addEventListener("input", count);
    count();
}
