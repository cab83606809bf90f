"""Is it anonymous? Each treatment is attacked before it may say so (`attacks`); masks
of telephone numbers are tried against the numbering plan (`numbering`); and what a
sweep leaves is counted in groups of rows that are alike (`groups`)."""

from privacy.anonymity.attacks import Finding, attack, effect, weakest

__all__ = ["Finding", "attack", "effect", "weakest"]
