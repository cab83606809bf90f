"""Erasure and access for one person: plan, carry out, verify, certify.

`planning` says what will happen, `freezing` keeps it under a digest, `running` carries
it out, `certificates` signs it, `released` takes up what a hold had kept, `restores`
ends again what a backup brought back.
"""

from privacy.erasure.freezing import HELD
from privacy.erasure.planning import NOTHING_OWN, plan, plan_access
from privacy.erasure.released import take_up as take_up_released
from privacy.erasure.restores import (
    Replayed,
    notice,
    replay,
    replay_where_needed,
)
from privacy.erasure.running import carry_out

__all__ = [
    "HELD",
    "NOTHING_OWN",
    "Replayed",
    "carry_out",
    "notice",
    "plan",
    "plan_access",
    "replay",
    "replay_where_needed",
    "take_up_released",
]
