"""A digest of a row's whole content, for tables without a key. Reads every row."""

from collections.abc import Sequence

# A cell as a literal, so that NULL is not the word; joined, and hashed to 32 letters.
CELLS = {
    "postgresql": "coalesce(quote_literal({cell}::text), 'NULL')",
    "mysql": "QUOTE({cell})",
    "sqlite": "quote({cell})",
}
COMMA = " || ',' || "
JOINED = {"mysql": ("CONCAT({cells})", ", ',', ")}


def digest(vendor: str, cells: Sequence[str]) -> str:
    """`cells`: columns, quoted and with their table."""
    form, comma = JOINED.get(vendor, ("{cells}", COMMA))
    literals = comma.join(CELLS[vendor].format(cell=cell) for cell in cells)
    return f"MD5({form.format(cells=literals)})"
