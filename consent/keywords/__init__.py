"""What a message means for consent, by rules that staff can read and change."""

from consent.keywords.folding import key, words_of
from consent.keywords.meanings import Meaning
from consent.keywords.phrases import BadPattern, compiled
from consent.keywords.routes import Route, route
from consent.keywords.rules import load
from consent.keywords.understanding import understand

__all__ = [
    "BadPattern",
    "Meaning",
    "Route",
    "compiled",
    "key",
    "load",
    "route",
    "understand",
    "words_of",
]
