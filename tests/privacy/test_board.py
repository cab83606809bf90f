"""The first page: every promise as it is kept, and the work of the day."""

import re
from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from consent.models import Endpoint, LedgerMonth
from dsr import identity
from dsr.models import Mail, Notice, Request, Ticket
from privacy import promises, tasks
from privacy.models import Leftover, Promise, Provider
from privacy.promises import Evidence, Remedy, broken, kept
from tests.consent.factories import ACME, ProgramFactory
from tests.consent.factories import told as opted
from tests.privacy.factories import ARI, LENA, MAX, NOW, PIA, SAM, plan, signed_in

pytestmark = pytest.mark.django_db
INDEX = "/admin/"
CHECK = "/admin/check/"


@pytest.fixture
def checks(monkeypatch):
    table = {}
    monkeypatch.setattr(promises, "CHECKS", table)
    return table


def request_due(day):
    return Ticket.objects.create(
        reference=f"R-{day}",
        right="erasure",
        regime="EU-GDPR",
        request=Request.objects.create(source="staff"),
        received_at=timezone.now(),
        opened_at=timezone.now(),
        due_date=day,
        opened_by=LENA,
    )


def counts(answer):
    return {state: number for state, _, number in answer.context["board"].counts}


def test_the_board_shows_every_promise_under_its_section_of_the_policy():
    page = signed_in(SAM).get(INDEX)

    titles = [section.title for section in page.context["board"].sections]
    assert titles == list(
        dict.fromkeys(Promise.objects.values_list("section", flat=True))
    )
    assert page.text.count('class="promise ') == 31


def test_a_planted_violation_turns_its_promise_red_and_leads_to_it(checks, now):
    checks["stop-honoured"] = lambda now: kept("Every STOP was obeyed.")
    promises.run(now=now)
    assert counts(signed_in(SAM).get(INDEX))["broken"] == 0
    checks["stop-honoured"] = lambda now: broken(
        "A text went out.", Evidence("Texts after a STOP", 1234, "/admin/there/")
    )

    promises.run(now=now)
    page = signed_in(SAM).get(INDEX)

    assert counts(page)["broken"] == 1
    assert 'href="#stop-honoured"' in page.text
    line = re.search(r'id="stop-honoured".*?</article>', page.text, re.DOTALL)[0]
    for words in ("Broken", "A text went out.", "/admin/there/", "1,234"):
        assert words in line


def test_one_row_is_named_and_not_counted(checks, now):
    rows = [Evidence("Text 7 went out late", 1, subject="sample.message:7")]
    rows.append(Evidence("Texts in all", 1))
    checks["stop-honoured"] = lambda now: broken("Late.", *rows)
    promises.run(now=now)

    line = line_of(LENA, "stop-honoured")

    assert "Text 7 went out late" in line
    assert line.count('class="number"') == 1


def line_of(username, code):
    page = signed_in(username).get(INDEX).text
    return re.search(rf'id="{code}".*?</article>', page, re.DOTALL)[0]


def test_a_red_line_says_what_to_do_and_leads_only_where_the_reader_may_go(checks, now):
    place = reverse("admin:privacy_plan_remove_card_numbers")
    remedy = Remedy("Plan their removal.", needs="privacy.add_plan")
    checks["payment-limited"] = lambda now: broken(
        "A card.", Evidence("Rows with a card", 1, place, remedy=remedy)
    )
    promises.run(now=now)

    for may in (LENA, PIA):
        line = line_of(may, "payment-limited")
        assert f'href="{place}"' in line
        assert "Plan their removal." in line
        assert "Who can" not in line
    for may_not in (SAM, ARI):
        line = line_of(may_not, "payment-limited")
        assert place not in line
        assert "Who can: Legal or Privacy engineer." in line


def test_what_no_role_can_do_is_said_of_the_administrator(now):
    signed_in(LENA)  # by a password alone, which breaks the promise
    promises.run(code="least-privilege", now=now)
    people = reverse("admin:auth_user_changelist")

    line = line_of(LENA, "least-privilege")
    assert people not in line
    assert "Who can: an administrator." in line
    assert people in line_of(ARI, "least-privilege")


def test_every_link_of_the_board_opens_for_whoever_sees_it(now):
    """With the real checks, on an empty portal: what is red leads somewhere."""
    promises.run(now=now)

    for name in (LENA, MAX, SAM, PIA, ARI):
        client = signed_in(name)
        page = client.get(INDEX).text
        for link in set(re.findall(r'href="(/admin/[^"#]*)"', page)):
            assert client.get(link, follow=True).status_code == 200, (name, link)


def test_what_was_never_checked_is_not_called_kept():
    page = signed_in(SAM).get(INDEX)

    assert counts(page) == {"broken": 0, "unknown": 0, "unkept": 31, "kept": 0}
    assert "Never checked" in page.text


def test_todays_work_is_what_the_role_may_do():
    plan()
    plan(status="running", approved_by=MAX, approved_at=NOW)

    assert work_of(LENA) == {"Check and approve": 1, "Nothing to do": 1, "See why": 0}
    assert work_of(ARI) == {"Nothing to do": 1, "See why": 0}
    assert work_of(SAM) == {}


def work_of(username):
    """What to do with plans, and how many there are."""
    today = signed_in(username).get(INDEX).context["today"]
    parts = [(*label.partition(": "), number) for label, _, number in today]
    return {verb: number for verb, _, what, number in parts if what.startswith("plans")}


def test_each_number_leads_to_as_many_rows():
    Leftover.objects.create(plan=plan(), kind="copy", place="x", key="[]", found_at=NOW)
    facts = {"approved_by": MAX, "approved_at": NOW}
    plan(status="paused", **facts)
    plan(status="refused", **facts, finished_at=timezone.now())
    plan(status="refused", **facts, finished_at=timezone.now() - timedelta(days=40))
    times = {"received_at": NOW, "taken_at": NOW}
    Mail.objects.create(verdict="queue", reason="?", confidence=0.5, **times)
    seen = {"previewed_by": MAX, "previewed_at": NOW}
    LedgerMonth.objects.create(first=NOW.date(), events=1, kept=0, **seen)
    ended = {"approved_by": LENA, "approved_at": NOW, "ended_at": NOW}
    before = NOW.date() - timedelta(days=31)
    LedgerMonth.objects.create(first=before, events=1, kept=0, **seen, **ended)
    agreed = {"contract": "DPA-1", "way": "task"}
    Provider.objects.create(name="Waits", **agreed, changed_by=[PIA])
    told = Provider.objects.create(name="Agreed", **agreed)
    when = {"subject": "plan:x", "made_at": NOW, "next_at": NOW}
    told.instructions.create(duty="erase", **when)
    told.instructions.create(duty="stop", state="told", told_at=NOW, **when)
    for name, asked_by in (("waits", PIA), ("agreed", "")):
        Endpoint.objects.create(
            name=name, secret="x", asked_by=asked_by, created_at=NOW, created_by=PIA
        )
    ProgramFactory(consent_months=6)
    told_us = timezone.now() - relativedelta(months=6) + timedelta(days=20)
    opted("opt_in", told_us, organization=ACME)
    client = signed_in(LENA)

    known = request_due(timezone.localdate())
    request_due(timezone.localdate() + timedelta(days=30))
    Notice.objects.create(ticket=known, kind="extension", text="x", written_at=NOW)
    identity.decide(ticket=known, accepted=True, reason="Known", by=LENA, now=NOW)
    work = client.get(INDEX).context["today"]

    assert [number for _, _, number in work] == [1] * 14
    assert [label.partition(":")[0] for label, _, _ in work[:2]] == ["Ask them", "Plan"]
    for _, address, number in work:
        page = client.get(address).context
        assert len(rows_of(page, address)) == number


def test_a_plan_that_was_made_again_is_no_more_to_be_looked_at():
    ended = {"approved_by": MAX, "approved_at": NOW, "finished_at": timezone.now()}
    old = plan(status="incomplete", **ended)
    ticket = request_due(timezone.localdate())
    ticket.plans.add(old)
    assert work_of(LENA)["See why"] == 1

    ticket.plan = plan()
    ticket.save()
    assert work_of(LENA)["See why"] == 0

    ticket.plan = None
    ticket.save()
    assert work_of(LENA)["See why"] == 1


def rows_of(page, address):
    if "/by_hand/" in address:
        return page["letters"] + page["messages_by_hand"] + page["receipts"]
    if "/ending/" in address:
        return page["senders"]
    return page["shown"] if "/desk/" in address else page["cl"].result_list


def test_a_worker_is_sent_to_check(monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(tasks.check_promises, "delay", lambda: sent.append(1))

    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(PIA).post(CHECK, follow=True)

    assert sent == [1]
    assert "Reload in a moment" in answer.text


def test_who_may_not_check_has_no_button_and_is_refused():
    client = signed_in(SAM)

    assert CHECK not in client.get(INDEX).text
    assert client.post(CHECK).status_code == 403


def test_checking_needs_a_press_of_the_button():
    assert signed_in(PIA).get(CHECK).status_code == 405


def test_somebody_without_a_role_sees_no_board(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("new", is_staff=True))

    page = client.get(INDEX)

    assert page.status_code == 200
    assert "board" not in page.context
    assert page.context["today"] == []


def test_the_index_is_for_staff(client):
    assert reverse("admin:login") in client.get(INDEX).url


# --- legible for everybody ----------------------------------------------------
PAIRS = [
    ("body-fg", "body-bg"), ("body-quiet-color", "body-bg"), ("link-fg", "body-bg"),
    ("breadcrumbs-fg", "breadcrumbs-bg"), ("breadcrumbs-link-fg", "breadcrumbs-bg"),
    ("kept", "kept-bg"), ("broken", "broken-bg"), ("unkept", "unkept-bg"),
    ("unknown", "unknown-bg"), ("body-fg", "message-error-bg"),
]  # fmt: skip


COLOUR = re.compile(r"--([\w-]+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));")


def themes():
    """The variables of the light theme, and of the dark one."""
    css = (settings.BASE_DIR / "static" / "portal.css").read_text()
    said = COLOUR.findall(css)
    light = {name: light or both for name, light, _, both in said}
    return light, {name: dark or both for name, _, dark, both in said}


def luminance(colour):
    """WCAG 2.2, relative luminance."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares
    ]
    return sum(w * s for w, s in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_has_the_contrast_that_wcag_asks_for(text, ground):
    assert [contrast(t[text], t[ground]) >= 4.5 for t in themes()] == [True] * 2


def test_every_colour_that_differs_is_said_for_both_themes():
    light, dark = themes()

    assert light.keys() == dark.keys()
    assert light["body-bg"] != dark["body-bg"]
