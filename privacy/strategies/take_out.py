"""Removes only the person's part of a document in their own row. No single expression
can say which values those are: each document is read when its row is ended
(`privacy.erasure.rewriting`). If it can't be read, the whole document goes.
"""

from privacy.strategies.base import Effect
from privacy.strategies.nullify import Nullify


class TakeOut(Nullify):
    name = "take_out"
    label = "The person's part removed from the document"
    effect = Effect.PSEUDONYMISED
