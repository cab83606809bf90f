"""Is it anonymous? Each treatment is attacked before it may say so (`attacks`), masks
of telephone numbers by listing the numbering plan (`numbering`)."""

from privacy.anonymity.attacks import Finding, attack, effect, weakest

__all__ = ["Finding", "attack", "effect", "weakest"]
