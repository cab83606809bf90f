"""Names and addresses in a header, including those that the standard library cannot
parse.

Anybody may write a header of any length, so it is read once from its beginning to its
end.
"""

import re

# A quoted name, an address in its brackets, or what stands between them. A quote that
# nothing closes is none; an escaped one opens none.
PIECE = re.compile(r'"((?:\\.|[^"\\])*)"|<([^<>\s]*)>|(?:\\"|[^<>,"])+|.', re.DOTALL)
ADDRESS = re.compile(r".+@.+")
APART = str.maketrans(dict.fromkeys(';,<>"', " "))


def of(header: str) -> list[tuple[str, str]]:
    """Each name with its address, which is in lower case."""
    found: list[tuple[str, str]] = []
    name = ""
    for piece in PIECE.finditer(header):
        quoted, address = piece.groups()
        if address and ADDRESS.fullmatch(address):
            found.append((name.strip(), address.lower()))
            name = ""
        elif quoted is not None and not name.strip():
            name = quoted
        elif piece[0][0] in "<>,":
            found += _bare(name)
            name = ""
        else:
            name += piece[0]
    return found + _bare(name)


def _bare(said: str) -> list[tuple[str, str]]:
    """Addresses without brackets."""
    words = said.translate(APART).split()
    return [("", each.lower()) for each in words if ADDRESS.fullmatch(each)]
