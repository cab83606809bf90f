"""Erasure and access for one person: plan, carry out, verify, certify.

`asking` makes plans, for one person or many; `planning` and `copying` decide what
happens to each row, as `drafts`; `freezing` stores a draft under a digest, with
`frozen`; `beginning` checks that it still fits, `running` carries it out, `resuming`
goes on with one that had stopped, `certificates` signs it, `released` takes up what a
hold had kept, and `restores` erases again what a backup brought back.
"""

from privacy.erasure.asking import Ask, plan, plan_access, plan_access_many, plan_many
from privacy.erasure.certificates import ended
from privacy.erasure.drafts import HELD, ONLY_NAMES, OTHER_PARTY, REDACT
from privacy.erasure.noticing import notice
from privacy.erasure.planning import NOTHING_OWN
from privacy.erasure.proving import prove
from privacy.erasure.released import held_categories
from privacy.erasure.released import take_up as take_up_released
from privacy.erasure.restores import Replayed, replay, replay_where_needed
from privacy.erasure.resuming import RowsChanged, resume, retry
from privacy.erasure.running import carry_out, carry_out_many, work_off_many
from privacy.erasure.unreached import NOT_ENDED, plainly

__all__ = [
    "HELD",
    "NOTHING_OWN",
    "NOT_ENDED",
    "ONLY_NAMES",
    "OTHER_PARTY",
    "REDACT",
    "Ask",
    "Replayed",
    "RowsChanged",
    "carry_out",
    "carry_out_many",
    "ended",
    "held_categories",
    "notice",
    "plainly",
    "plan",
    "plan_access",
    "plan_access_many",
    "plan_many",
    "prove",
    "replay",
    "replay_where_needed",
    "resume",
    "retry",
    "take_up_released",
    "work_off_many",
]
