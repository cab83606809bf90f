"""Why a store can't be reached, in a sentence for whoever typed its address.

Read from what the driver says while it connects, and never repeated from it: that may
name a host, a user or a database.
"""

REFUSED = "It refuses the user or the password."
NOBODY = "Nothing answers at that host and port, or at that socket."
NO_HOST = "The name of its host is not known."
NO_DATABASE = "Its server has no database of that name."
NOT_ALLOWED = "Its server does not let this user in from here."
UNSAFE = "Its TLS certificate can't be verified (see docs/operations.md, Stores)."
PARAMETER = "Its address has a parameter that is not known; a socket is ?host=/folder."
NUMBERS = {
    1045: REFUSED, 1698: REFUSED, 1044: NOT_ALLOWED, 1130: NOT_ALLOWED,
    1049: NO_DATABASE, 2002: NOBODY, 2003: NOBODY, 2005: NO_HOST, 2026: UNSAFE,
}  # fmt: skip
# PostgreSQL's client says it in words; the first that occur decide.
WORDS = (
    ("invalid connection option", PARAMETER),
    ("invalid dsn", PARAMETER),
    ("invalid uri query parameter", PARAMETER),
    ("unexpected keyword argument", PARAMETER),
    ("password authentication failed", REFUSED),
    ("no password supplied", REFUSED),
    ("no pg_hba.conf entry", NOT_ALLOWED),
    ("ssl", UNSAFE),
    ("certificate", UNSAFE),
    ("role ", REFUSED),
    ("does not exist", NO_DATABASE),
    ("resolve host", NO_HOST),
    ("translate host", NO_HOST),
    ("refused", NOBODY),
    ("no such file", NOBODY),
    ("timeout", NOBODY),
)


def why(error: BaseException) -> str:
    """Empty where the driver says nothing that we know."""
    cause = error.__cause__ or error
    number = cause.args[0] if cause.args else None
    if isinstance(number, int):
        return NUMBERS.get(number, "")
    said = str(cause).lower()
    return next((sentence for words, sentence in WORDS if words in said), "")
