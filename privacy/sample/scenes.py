"""What the cast goes through, and the trouble planted with it."""

from privacy.sample import activity, cast, leads, staff, words
from privacy.sample.activity import INBOUND, OUTBOUND
from privacy.sample.leads import Lead
from privacy.sample.making import Business, Making
from privacy.sample.times import DAY, HOUR, MINUTE, MONTH

CARD = "4111 1111 1111 1111"  # the card networks' number for tests


def play(making: Making) -> None:
    """Everybody, in the first three businesses, which exist at any scale."""
    first, second = making.businesses[:2]
    _ada(making, first, second)
    _ada_at_work(making, making.businesses[cast.ADAS_BUSINESS])
    _ben(making, first)
    _cleo(making, first)
    _gia(making, second)
    _dora_and_emil(making, first)
    _finn(making, second)


def _ada(making: Making, first: Business, second: Business) -> None:
    ada = cast.lead(making, first, cast.ADA, created=8 * MONTH, latest=2 * DAY)
    leads.write(making, ada, other_phone="202.555.0143")
    again = cast.lead(making, second, cast.ADA_AGAIN, created=5 * MONTH, latest=DAY)
    leads.write(making, again)
    making.plant(
        "entered_twice",
        "leads",
        again.key,
        "Ada is also a lead of another business, in other notations.",
    )
    for lead in (ada, again):
        _ada_texts(making, lead)
        _ada_everywhere(making, lead)


def _ada_texts(making: Making, lead: Lead) -> None:
    name = lead.business.name
    keys = cast.texted(
        making,
        lead,
        (30 * DAY, OUTBOUND, f"{name}: Ada, our autumn prices are here."),
        (30 * DAY - HOUR, INBOUND, "Ada here, better on 202.555.0143 after five"),
        (20 * DAY, OUTBOUND, f"{name}: Ada, shall we call?"),
        (lead.latest, INBOUND, "1-202-555-0143, or write to ada.sample@example.com"),
    )
    for key in (keys[1], keys[3]):
        making.plant(
            "own_number_in_text",
            "sms_events",
            key,
            "Ada writes her number in another notation in a text of her own.",
        )


def _ada_everywhere(making: Making, lead: Lead) -> None:
    spoken = "Ada asked to be called back on (202) 555 0143."
    activity.call(making, lead, INBOUND, 10 * DAY, transcript=spoken)
    visitor = f"v-ada{lead.key[:13]}"
    activity.visit(making, lead, visitor, 12 * DAY, properties='{"scroll": 80}')
    activity.status_change(making, lead, 15 * DAY)
    activity.tag(making, lead, 1, 15 * DAY)
    answers = {"rating": 5, "comment": "Good, but call my office first."}
    activity.survey(making, lead, 9 * DAY, answers)
    activity.ticket(
        making,
        lead,
        11 * DAY,
        subject="Please call me back",
        body="My number is +1 (202) 555-0143. Ada",
    )
    staff.transaction(
        making,
        lead.business,
        lead.created,
        lead_key=lead.key,
        kind="Debit",
        amount=12.5,
        description="Lead received: Ada Sample",
    )


def _ada_at_work(making: Making, business: Business) -> None:
    """Ada uses the platform herself, for the business whose bills she pays."""
    user = staff.user(making, business, cast.ADA, role="Admin", created=9 * MONTH)
    business.staff.append(user)
    staff.leave_traces(making, user, None)
    staff.payment_method(making, business, user, created=8 * MONTH, removed=None)
    staff.transaction(
        making,
        business,
        3 * MONTH,
        user_key=user,
        kind="Deposit",
        amount=50,
        payment_method="Visa •••• 4242",
        description="Balance refilled by ada.sample@example.com",
    )


def _ben(making: Making, business: Business) -> None:
    ben = cast.lead(making, business, cast.BEN)
    leads.write(making, ben)
    keys = cast.texted(
        making,
        ben,
        (40 * DAY, OUTBOUND, f"{business.name}: Ben, refer a friend and both save."),
        (39 * DAY, INBOUND, "My neighbour may want that: +1 202-555-0143"),
        (ben.latest, OUTBOUND, f"{business.name}: Ben, thank you!"),
    )
    _mentioned(making, "sms_events", keys[1], "Ben names Ada's number in a text.")
    spoken = "Ben said that his neighbour, 202 555 0143, has a question."
    key = activity.call(making, ben, INBOUND, 38 * DAY, transcript=spoken)
    _mentioned(making, "call_events", key, "Ben names Ada's number in a call.")


def _cleo(making: Making, business: Business) -> None:
    cleo = cast.lead(making, business, cast.CLEO)
    leads.write(making, cleo)
    keys = cast.texted(
        making,
        cleo,
        (20 * DAY, OUTBOUND, f"{business.name}: Cleo, whom should we call?"),
        (cleo.latest, INBOUND, "My sister: 2025550143 or (202) 555-0143"),
    )
    _mentioned(making, "sms_events", keys[1], "Cleo names Ada's number in a text.")
    body = "Please copy my sister, Ada.Sample@example.com, on all of it."
    key = activity.ticket(making, cleo, 19 * DAY, subject="Invoice", body=body)
    _mentioned(making, "support_tickets", key, "Cleo's ticket has Ada's e-mail.")
    answers = {"rating": 4, "referral": "(202) 555-0143", "callback": 2025550143}
    key = activity.survey(making, cleo, 18 * DAY, answers)
    _mentioned(
        making,
        "survey_answers",
        key,
        "Cleo's answers have Ada's number, as a string and as a bare number.",
    )
    typed = '{"form": {"friend": "+12025550143"}, "scroll": 60}'
    key = activity.visit(making, None, "v-c1e0", 18 * DAY, properties=typed)
    _mentioned(making, "web_events", key, "A visit's properties have Ada's number.")


def _mentioned(making: Making, table: str, key: str | int, sentence: str) -> None:
    making.plant("mentioned_elsewhere", table, key, sentence)


def _gia(making: Making, business: Business) -> None:
    gia = cast.lead(making, business, cast.GIA)
    said = f"Referred by +1.202.555.0143. Paid by phone, card {CARD}, thanked her."
    leads.write(making, gia, note=said)
    cast.texted(
        making, gia, (gia.latest, OUTBOUND, f"{business.name}: Gia, thank you!")
    )
    _mentioned(making, "leads", gia.key, "Gia's note has Ada's number.")
    making.plant("card_number", "leads", gia.key, "Gia's note has a card number.")


def _dora_and_emil(making: Making, business: Business) -> None:
    dora = cast.lead(making, business, cast.DORA, created=20 * MONTH, latest=7 * MONTH)
    leads.write(making, dora, released=6 * MONTH)
    cast.texted(
        making,
        dora,
        (19 * MONTH, OUTBOUND, f"{business.name}: Dora, our prices are here."),
        (7 * MONTH, INBOUND, "I am moving abroad and give this number up."),
    )
    emil = cast.lead(making, business, cast.EMIL, created=5 * MONTH, latest=3 * DAY)
    leads.write(making, emil)
    cast.texted(
        making,
        emil,
        (4 * MONTH, OUTBOUND, f"{business.name}: Emil, welcome."),
        (emil.latest, INBOUND, "When do you open on Saturday?"),
    )
    making.plant(
        "number_reassigned",
        "leads",
        dora.key,
        "Dora gave her number up; another lead, Emil, has it now.",
    )


def _finn(making: Making, business: Business) -> None:
    finn = cast.lead(making, business, cast.FINN)
    stopped = 40 * DAY
    cast.texted(
        making,
        finn,
        (60 * DAY, OUTBOUND, f"{business.name}: Finn, our prices are here."),
        (stopped, INBOUND, "STOP"),
    )
    activity.consent(making, finn, "opt_out", stopped, source="sms_keyword")
    activity.sms(making, finn, OUTBOUND, words.STOPPED, stopped - MINUTE)
    finn.opted_out = stopped
    leads.write(making, finn)
    late = f"{business.name}: Finn, this week only: 20 % off."
    key = activity.sms(
        making, finn, OUTBOUND, late, 12 * DAY, traffic=activity.MARKETING
    )
    making.plant(
        "sent_after_opt_out",
        "sms_events",
        key,
        "A marketing text went to Finn 28 days after he had opted out.",
    )
