"""Erasure and access for one person: plan, carry out, verify, certify.

`planning` says what will happen, `freezing` keeps it under a digest, `running` carries
it out, `certificates` signs it.
"""

from privacy.erasure.planning import plan, plan_access
from privacy.erasure.running import carry_out

__all__ = ["carry_out", "plan", "plan_access"]
