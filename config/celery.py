"""The Celery app, and everything that runs by itself, on one screen.

Rows are the truth; this is only the scheduler and the workers. Tasks take ids.
"""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("portal")
app.conf.update(
    broker_url=settings.BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 3600},
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    timezone="UTC",
)
app.conf.beat_schedule = {
    # what                          task                            every, seconds
    "resume unfinished work": {"task": "privacy.resume_work", "schedule": 10},
    "start the sweeps that are due": {"task": "privacy.start_sweeps", "schedule": 3600},
    "take up what a hold kept": {"task": "privacy.take_up_released", "schedule": 60},
    "look for restores": {"task": "privacy.look_for_restores", "schedule": 300},
    "end what could be put back": {"task": "privacy.end_undo", "schedule": 3600},
    "verify the trail": {"task": "privacy.verify_trail", "schedule": 60},
    "check the promises": {"task": "privacy.check_promises", "schedule": 900},
    "carry on approved requests": {"task": "dsr.resume_requests", "schedule": 10},
    "tell of changes of consent": {"task": "consent.deliver", "schedule": 10},
    "read segments alone": {"task": "consent.read_segments", "schedule": 60},
    "carry opt-outs over": {"task": "consent.carry_over", "schedule": 60},
    "take over opt-outs": {"task": "consent.take_over_all", "schedule": 900},
    "keep months of the ledger ready": {"task": "consent.keep_months", "schedule": 600},
    "end old records of consent": {"task": "consent.end_records", "schedule": 3600},
    "take carriers' block lists": {
        "task": "consent.sweep_block_lists",
        "schedule": 600,
    },
    "take uploaded lists": {"task": "consent.take_lists", "schedule": 60},
    "write out lists": {"task": "consent.write_lists", "schedule": 60},
    "end consent that was not renewed": {"task": "consent.expire", "schedule": 3600},
    "follow changed rules": {"task": "consent.rebuild", "schedule": 60},
    "forget sessions that are over": {"task": "privacy.forget", "schedule": 3600},
    "send letters again": {"task": "dsr.send_notices", "schedule": 300},
    "remind of what is due": {"task": "dsr.remind", "schedule": 3600},
    "look at proofs of identity": {"task": "dsr.prove", "schedule": 30},
    "acknowledge requests": {"task": "dsr.acknowledge", "schedule": 300},
    "note on what terms people are served": {
        "task": "dsr.watch_terms",
        "schedule": 300,
    },
    "tell recipients": {"task": "dsr.tell_recipients", "schedule": 60},
    "tell partner systems": {"task": "dsr.tell_partners", "schedule": 60},
    "remove papers that have served": {"task": "dsr.remove_papers", "schedule": 3600},
    "empty the mailbox": {"task": "dsr.poll_mailbox", "schedule": 60},
}
for entry in app.conf.beat_schedule.values():
    # What no worker took by then comes anew; a night without workers leaves no heap.
    entry["options"] = {"expires": entry["schedule"]}
app.autodiscover_tasks(["privacy", "consent", "dsr"])
