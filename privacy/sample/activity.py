"""What can happen to a lead, one row at a time; `life` decides what does."""

import json
from typing import Any

from privacy.sample import people, words
from privacy.sample.leads import FULL_IP, Lead
from privacy.sample.making import Making
from privacy.sample.times import MINUTE, MONTH

OUTBOUND, INBOUND = "outbound", "inbound"
MARKETING, SERVICE = "marketing", "service"


def consent(
    making: Making, lead: Lead, kind: str, age: float, *, source: str = "web_form"
) -> int:
    """A row of the platform's own log: opt_in, opt_out or help."""
    on_a_form = source == "web_form"
    return making.rows.number(
        "consent_events",
        lead.business.key,
        lead.key,
        lead.mobile,
        "sms",
        kind,
        source,
        words.OPT_IN if on_a_form else None,
        people.ip(making.random) if on_a_form else None,
        making.ago(age),
    )


def conversation(
    making: Making, lead: Lead, *, began: float, latest: float, snippet: str
) -> None:
    making.rows.add(
        "conversations",
        lead.conversation,
        lead.business.key,
        lead.key,
        making.pick(lead.business.staff),
        lead.person.phone,
        snippet,
        latest < MONTH / 30,
        making.ago(began),
        making.ago(latest),
    )


def sms(
    making: Making,
    lead: Lead,
    direction: str,
    text: str,
    age: float,
    *,
    traffic: str = SERVICE,
) -> int:
    inbound = direction == INBOUND
    sent = making.times.ago(age)
    return making.rows.number(
        "sms_events",
        lead.business.key,
        lead.conversation,
        lead.key,
        direction,
        lead.mobile if inbound else lead.ours,
        lead.ours if inbound else lead.mobile,
        text,
        "received" if inbound else "delivered",
        traffic,
        "0.0079",
        sent,
        sent,
    )


def wrong_number(making: Making, lead: Lead, caller: str, age: float) -> None:
    """A text from somebody the platform does not know."""
    sent = making.times.ago(age)
    making.rows.number(
        "sms_events",
        lead.business.key,
        None,
        None,
        INBOUND,
        caller,
        lead.ours,
        making.pick(words.STRANGERS),
        "received",
        SERVICE,
        "0.0079",
        sent,
        sent,
    )


def call(
    making: Making,
    lead: Lead,
    direction: str,
    age: float,
    *,
    transcript: str | None = None,
) -> int:
    inbound = direction == INBOUND
    seconds = int(making.random.random() ** 2 * 20 * MINUTE)
    return making.rows.number(
        "call_events",
        lead.business.key,
        lead.conversation,
        lead.key,
        making.pick(lead.business.staff),
        direction,
        lead.mobile if inbound else lead.ours,
        lead.ours if inbound else lead.mobile,
        "completed",
        seconds,
        making.recordings.make(),
        transcript,
        f"{seconds * 0.0002:.4f}",
        making.times.ago(age),
    )


def visit(
    making: Making,
    lead: Lead | None,
    visitor: str,
    age: float,
    *,
    properties: str,
) -> int:
    """A visit to a business's pages; `properties` are JSON."""
    full = age < FULL_IP or age > 30 * MONTH or making.random.random() < 0.02
    page, engine = making.pick(words.PAGES), making.pick(words.ENGINES)
    return making.rows.number(
        "web_events",
        lead.key if lead else None,
        visitor,
        making.pick(words.KINDS),
        f"https://offers.example.com/{page}?utm_source={engine}",
        making.pick(words.REFERRERS),
        people.ip(making.random, exact=full),
        properties,
        making.times.ago(age),
    )


def status_change(making: Making, lead: Lead, age: float) -> None:
    making.rows.number(
        "lead_status_changes",
        lead.key,
        making.pick(lead.business.staff),
        "open",
        making.pick(("qualified", "converted", "lost", "invalid")),
        making.pick(words.REASONS),
        making.times.ago(age),
    )


def survey(making: Making, lead: Lead, age: float, answers: dict[str, Any]) -> int:
    return making.rows.number(
        "survey_answers",
        lead.key,
        "After the first visit",
        json.dumps(answers),
        making.times.date(age),
    )


def ticket(
    making: Making,
    lead: Lead,
    age: float,
    *,
    subject: str,
    body: str,
) -> int:
    return making.rows.number(
        "support_tickets",
        lead.key,
        None,
        lead.person.email,
        subject,
        body,
        "closed",
        making.ago(age),
        making.ago(age * 0.9),
    )


def tag(making: Making, lead: Lead, number: int, age: float) -> None:
    making.rows.add("lead_tags", lead.key, number, making.times.ago(age))
