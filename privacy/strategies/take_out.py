"""Of a document in the person's own row, only what is theirs ends.

Which values these are nobody can say in one expression: each document is read when its
row is ended (`privacy.erasure.rewriting`). Where it can't be, it goes as a whole.
"""

from privacy.strategies.base import Effect
from privacy.strategies.nullify import Nullify


class TakeOut(Nullify):
    name = "take_out"
    label = "What is theirs taken out of the document"
    effect = Effect.PSEUDONYMISED
