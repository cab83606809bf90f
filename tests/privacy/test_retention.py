"""Data goes by itself: previewed, approved once, swept in ranges, resumed."""

import datetime as dt
from io import StringIO

import pytest
import yaml
from django.core.management import call_command

from privacy import audit, erasure, holds, identifiers, plans, retention, stores
from privacy.datamap import Map, drift, files
from privacy.models import (
    Category,
    Column,
    Plan,
    Promise,
    Range,
    Rule,
    Store,
    Table,
)
from privacy.refusals import Refusal
from privacy.retention import cutting, sweeping
from tests.privacy import messaging

pytestmark = pytest.mark.django_db

MORE = """
INSERT INTO message (person_id, from_number, to_number, body, sent_at)
SELECT '00000000-0000-4000-8000-000000000003', '+12025550117', '+12025550100', 'hi',
    timestamptz '2020-01-01' + n * interval '1 hour' FROM generate_series(1, 5000) n;
"""


@pytest.fixture
def town(connect, now):
    _, direct = connect("town", messaging.SCRIPT + MORE)
    files.load(text=messaging.MAP, by="pia", now=now)
    return direct


@pytest.fixture
def rule(town):
    return Rule.objects.create(
        name="messages",
        title="Text messages",
        table=Table.objects.get(name="message"),
        start="sent_at",
        months=24,
        action=Rule.Action.DELETE,
        category=Category.objects.get(code="communications"),
        promise=Promise.objects.get(code="retained-no-longer"),
        citation="Policy, Retention",
    )


@pytest.fixture
def small_ranges(monkeypatch):
    monkeypatch.setitem(plans.LARGEST_BATCH, "delete", 500)


def sweep(rule, now, batch=500):
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    Plan.objects.filter(pk=plan.pk).update(batch=batch)
    return retention.carry_out(sweep=plan, clock=lambda: now)


def count(direct, where="true"):
    return direct.execute(f"SELECT count(*) FROM message WHERE {where}").fetchone()[0]


def test_a_preview_says_what_how_many_and_how_old_and_changes_nothing(rule, town, now):
    plan = retention.preview(rule=rule, by="pia", now=now)

    said = plan.summary
    assert (said["rows"], said["held"]) == (5001, 0)
    assert said["oldest"].startswith("2020-01-01T01:00")
    assert count(town) == 5007


def test_a_preview_says_what_redaction_leaves_in_texts(rule, town, now):
    Column.objects.filter(table=rule.table, name="body").update(
        treatment={"strategy": "redact"}
    )
    assert "notes" not in retention.preview(rule=rule, by="pia", now=now).summary
    Plan.objects.all().delete()
    Rule.objects.update(action=Rule.Action.DEIDENTIFY)
    rule.refresh_from_db()

    (said,) = retention.preview(rule=rule, by="pia", now=now).summary["notes"]

    assert said.startswith("From the texts of body, e-mail addresses, telephone, card")
    assert "Names and postal addresses that people wrote there stay" in said


def test_a_sweep_takes_what_is_past_its_date_and_nothing_else(
    rule, town, now, small_ranges
):
    done = sweep(rule, now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert plans.progress(done)["rows"] == 5001
    assert done.ranges.count() > 3
    assert (count(town), count(town, "sent_at < '2024-11-24'")) == (6, 0)
    assert audit.verify() > 2


def spare(town, when):
    town.execute(
        "CREATE FUNCTION spare() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RETURN NULL; END';"
        "CREATE TRIGGER spare BEFORE DELETE ON message FOR EACH ROW"
        f" WHEN ({when}) EXECUTE FUNCTION spare()"
    )


def test_one_range_without_an_end_takes_all_where_all_fit(rule, town, now):
    done = sweep(rule, now, batch=50_000)

    canary, rest = done.ranges.all()
    assert (canary.rows, rest.rows, rest.upper) == (plans.CANARY, 4501, None)
    assert (done.status, count(town)) == (Plan.Status.DONE, 6)


def test_an_account_that_does_not_come_out_is_counted_again(rule, town, now):
    """A trigger may spare rows without a word; the sweep must not call them gone."""
    spare(town, "OLD.sent_at >= '2020-02-01' AND OLD.sent_at < '2020-02-02'")

    done = sweep(rule, now)

    assert done.status == Plan.Status.INCOMPLETE
    assert "24 rows are still past their date" in done.problem
    assert count(town) == 6 + 24


def test_a_canary_that_does_not_end_its_rows_stops_the_sweep(rule, town, now):
    spare(town, "OLD.sent_at < '2020-01-02'")

    done = sweep(rule, now)

    assert done.status == Plan.Status.INCOMPLETE
    assert "so no other was begun" in done.problem
    assert done.ranges.count() == 1
    assert count(town) == 5007 - plans.CANARY + 23


def test_a_sweep_that_never_counted_at_its_start_counts_at_its_end(rule, town, now):
    """As one that was under way while the portal was upgraded."""
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    plans.start(plan=plan, now=now)

    done = retention.carry_out(sweep=plan, clock=lambda: now)

    assert (done.status, done.residue) == (Plan.Status.DONE, {"rows": 0, "held": 0})
    assert count(town) == 6


def test_months_are_calendar_months(rule, now):
    rule.months = 1
    last = dt.datetime(2027, 3, 31, tzinfo=dt.UTC)

    assert retention.cutoff(rule, last) == dt.datetime(2027, 2, 28, tzinfo=dt.UTC)


def test_a_held_person_stays_and_is_counted(rule, town, now):
    mark = identifiers.keep(identifiers.phone("+12025550199"), now=now)
    holds.place(matter="Roe", identifiers=[mark], tables=[], by="lena", now=now)

    done = sweep(rule, now)

    assert done.summary["held"] == 1
    assert (done.state, len(done.exceptions)) == ("Done, with 1 exception", 1)
    progress = plans.progress(done)
    assert (progress["rows"], progress["held"], progress["left"]) == (5000, 1, 0)
    assert count(town, "sent_at = '2023-05-05'") == 1


def test_a_hold_on_somebody_erased_before_keeps_what_came_since(rule, town, now):
    """Of an erased person the portal has no number to look for; whoever places the hold
    gives it again."""
    person = identifiers.keep(identifiers.phone("+12025550117"), now=now)
    identifiers.forget(identifier=person, by="max", now=now)

    call_command(
        "holds",
        "place",
        "--matter",
        "Doe",
        "--phone",
        "+12025550117",
        stdout=StringIO(),
    )
    done = sweep(rule, now)

    assert done.residue["held"] == 5000
    assert (
        count(town, "from_number = '+12025550117' AND sent_at < '2021-01-01'") == 5000
    )


def test_a_hold_that_keeps_no_row_of_a_sweep_is_a_note_and_no_exception(
    rule, town, now
):
    mark = identifiers.keep(identifiers.phone("+12025550198"), now=now)
    hold = holds.place(matter="Roe", identifiers=[mark], tables=[], by="lena", now=now)

    done = sweep(rule, now)

    assert (done.status, done.exceptions) == (Plan.Status.DONE, [])
    assert done.summary["notes"] == [holds.MENTIONS.format(numbers=hold.pk)]


def test_rows_that_name_nobody_are_not_spared_by_somebody_s_hold(town, now):
    """A path that a JSON value does not have is not the held number."""
    table = Table.objects.get(name="person")
    like = table.columns.get(name="phone")
    table.columns.create(
        name="extra", path=["mobile"], kind="JSONField", position=99,
        state=like.state, category=like.category, source=like.source,
        purposes=like.purposes, identifier="phone", treatment=like.treatment,
    )  # fmt: skip
    mark = identifiers.keep(identifiers.phone("+12025550199"), now=now)
    holds.place(matter="Roe", identifiers=[mark], tables=[], by="lena", now=now)
    mapped = Map(table.store)
    with stores.reaching(table.store):
        held = holds.condition(mapped=mapped, table=mapped.tables["person"])
        people = mapped.rows(mapped.tables["person"])

        assert people.filter(held).count() == 2
        assert people.exclude(held).count() == 3


def test_a_hold_placed_during_a_sweep_is_obeyed_by_the_next_range(
    rule, town, now, monkeypatch, small_ranges
):
    from privacy import destruction

    real, calls = destruction.end, []

    def end(**arguments):
        real(**arguments)
        calls.append(1)
        if len(calls) == 3:
            table = Table.objects.get(name="message")
            holds.place(matter="X", identifiers=[], tables=[table], by="l", now=now)

    monkeypatch.setattr(destruction, "end", end)

    done = sweep(rule, now, batch=200)

    after = list(done.ranges.order_by("ordinal"))[3:]
    assert after
    assert [piece.rows for piece in after] == [0] * len(after)
    assert all(piece.held for piece in after)
    assert count(town) == 6 + sum(piece.held for piece in after)


def test_a_later_sweep_needs_no_approval_until_the_rule_changes(rule, town, now):
    sweep(rule, now)
    town.execute(MORE)

    started, _ = retention.start_due(now=now)
    retention.carry_out(sweep=started[0], clock=lambda: now)
    town.execute(MORE)
    Rule.objects.filter(pk=rule.pk).update(months=25)

    assert count(town, "sent_at < '2021-01-01'") == 5000
    assert started[0].approved_by == "max"
    assert retention.start_due(now=now) == ([], [])


def test_a_rule_without_approval_never_starts(rule, now):
    assert retention.start_due(now=now) == ([], [])


def test_more_rows_than_were_approved_are_refused(rule, town, now):
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    town.execute("INSERT INTO message (body, sent_at) VALUES ('late', '2021-01-01')")

    done = retention.carry_out(sweep=plan, clock=lambda: now)

    assert done.status == Plan.Status.REFUSED
    assert count(town) == 5008


def test_a_preview_counts_the_rows_that_others_refer_to(rule, town, now):
    """They stay until these are gone, and nobody is told that they went."""
    rule.table, rule.start, rule.months = Table.objects.get(name="person"), "seen_at", 0
    rule.save()

    done = sweep(rule, now)

    assert done.summary["referred"] > 0
    assert "while rows of town." in retention.referred(rule, done.summary["referred"])
    assert (done.status, done.residue["referred"]) == ("done", done.summary["referred"])


def test_a_foreign_key_that_the_map_does_not_know_refuses_a_deleting_rule(
    rule, town, now
):
    """A cascade would take rows that nobody has classified."""
    late = "CREATE TABLE late (id int PRIMARY KEY, of bigint REFERENCES message"
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    town.execute(f"{late} ON DELETE CASCADE)")

    done = retention.carry_out(sweep=plan, clock=lambda: now)

    assert (done.status, count(town)) == (Plan.Status.REFUSED, 5007)
    with pytest.raises(retention.UnknownReference, match=r"late \(of\)"):
        retention.preview(rule=rule, by="pia", now=now)


def test_a_de_identifying_sweep_ends_each_row_once(rule, town, now):
    rule.action = Rule.Action.DEIDENTIFY
    rule.save()

    done = sweep(rule, now)
    again = sweep(rule, now)

    assert plans.progress(done)["rows"] == 5001
    assert plans.progress(again)["rows"] == 0
    assert count(town, "from_number IS NOT NULL") == 6


def test_a_paused_sweep_waits_and_goes_on_where_it_stopped(
    rule, town, now, monkeypatch
):
    from privacy import destruction

    real = destruction.end

    def end(*, plan, **arguments):
        real(plan=plan, **arguments)
        plans.pause(plan=plan, by="pia", now=now)

    monkeypatch.setattr(destruction, "end", end)
    paused = sweep(rule, now)
    left = count(town)
    monkeypatch.setattr(destruction, "end", real)
    plans.resume(plan=paused, by="pia", now=now)
    done = retention.carry_out(sweep=paused, clock=lambda: now)

    assert left == 5007 - 500
    assert (done.status, count(town)) == (Plan.Status.DONE, 6)


def paused_at_half(rule, now, monkeypatch):
    """Its canary is done."""
    from privacy import destruction

    real = destruction.end

    def end(*, plan, **arguments):
        real(plan=plan, **arguments)
        plans.pause(plan=plan, by="pia", now=now)

    with monkeypatch.context() as patch:
        patch.setattr(destruction, "end", end)
        return sweep(rule, now)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"action": "delete"}, "The rule changed"),
        ({"where": {"body": "hi"}}, "The rule changed"),
        ({"is_active": False}, "The rule was switched off"),
    ],
)
def test_a_sweep_goes_on_only_as_it_was_approved(
    rule, town, now, monkeypatch, changed, why
):
    """Law 8: what was changed while it was paused was shown to nobody."""
    rule.action = Rule.Action.DEIDENTIFY
    rule.save()
    paused = paused_at_half(rule, now, monkeypatch)
    was = {name: getattr(rule, name) for name in changed}
    Rule.objects.filter(pk=rule.pk).update(**changed)
    plans.resume(plan=paused, by="pia", now=now)
    left = count(town, "from_number IS NOT NULL")

    retention.carry_out(sweep=paused, clock=lambda: now)

    paused.refresh_from_db()
    assert (paused.status, count(town)) == (Plan.Status.RUNNING, 5007)
    assert count(town, "from_number IS NOT NULL") == left
    assert paused.waits.startswith(why)
    Rule.objects.filter(pk=rule.pk).update(**was)
    done = retention.carry_out(sweep=paused, clock=lambda: now)
    assert (done.status, done.waits) == (Plan.Status.DONE, "")


def test_a_sweep_stops_when_the_map_changes_in_the_middle(rule, town, now, monkeypatch):
    paused = paused_at_half(rule, now, monkeypatch)
    Column.objects.filter(table=rule.table, name="body").update(ground="Another one")
    plans.resume(plan=paused, by="pia", now=now)

    retention.carry_out(sweep=paused, clock=lambda: now)

    paused.refresh_from_db()
    assert paused.waits.startswith("The map changed after the preview. Nothing more")
    assert count(town) == 5007 - plans.CANARY


def test_a_rule_that_was_switched_off_starts_no_sweep_by_any_road(rule, town, now):
    sweep(rule, now)
    town.execute(MORE)
    Rule.objects.update(is_active=False)

    assert retention.start_due(now=now) == ([], [])
    assert retention.start_due(now=now, only=rule) == ([], [])
    assert erasure.replay(store=None, by="pia", now=now).sweeps == []
    refused = sweep(rule, now)
    assert (refused.status, count(town)) == (Plan.Status.REFUSED, 5006)
    assert refused.problem.startswith("The rule was switched off.")


def test_one_store_that_is_down_stops_no_rule_of_another(rule, town, now):
    sweep(rule, now)
    town.execute(MORE)
    lost = Store.objects.create(
        name="lost", address="postgres://nobody@127.0.0.1:1/none", place="lost",
        connected_by="pia", connected_at=now,
    )  # fmt: skip
    facts = {"kind": "IntegerField", "state": "accepted"}
    of = Table.objects.create(store=lost, name="visit", key=["id"])
    Column.objects.create(table=of, name="id", **facts)
    Column.objects.create(table=of, name="at", **facts | {"kind": "DateTimeField"})
    other = Rule.objects.get(pk=rule.pk)
    other.pk, other.name, other.table, other.start = None, "a-lost", of, "at"
    other.title = "Visits"
    other.approved_digest = plans.freeze(retention.definition(other))
    other.save()

    started, refused = retention.start_due(now=now)

    assert [each.rule for each in started] == [rule]
    assert refused == [
        "Visits: The store lost does not answer. Nothing more was changed there."
    ]


def test_a_table_that_has_left_the_store_leaves_the_map_and_stays_in_history(
    rule, town, now
):
    done = sweep(rule, now)
    town.execute("DROP TABLE message CASCADE")
    said = yaml.safe_load(messaging.MAP)
    del said["tables"]["message"]

    files.load(text=yaml.safe_dump(said), by="pia", now=now)

    mapped = Map(rule.table.store)
    assert "message" not in mapped.tables
    assert [p.place for p in drift.problems(mapped) if "message" in p.place] == []
    assert done.ranges.first().table.name == "message"
    started, refused = retention.start_due(now=now)
    assert (started, len(refused)) == ([], 1)
    assert "has no table message" in refused[0]


def test_a_condition_on_a_column_that_is_not_there_is_a_sentence(rule, now):
    rule.where = {"kindd": "sms"}

    with pytest.raises(Refusal, match="has no column kindd"):
        retention.preview(rule=rule, by="pia", now=now)


def test_a_range_that_committed_before_the_crash_is_not_counted_twice(
    rule, town, now, monkeypatch
):
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    Plan.objects.filter(pk=plan.pk).update(batch=1000)

    class Crash(BaseException):
        pass

    real = plans.settle

    def crash(*_, **__):
        raise Crash

    monkeypatch.setattr(plans, "settle", crash)
    with pytest.raises(Crash):
        retention.carry_out(sweep=plan, clock=lambda: now)
    monkeypatch.setattr(plans, "settle", real)
    assert plan.ranges.get().status == Range.Status.COMMITTING
    later = now + dt.timedelta(hours=1)
    done = retention.carry_out(sweep=plan, clock=lambda: later)

    assert (done.status, plans.progress(done)["rows"]) == (Plan.Status.DONE, 5001)


def test_a_range_that_never_committed_is_done_again(rule, town, now, monkeypatch):
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)

    class Crash(BaseException):
        pass

    real = plans.note

    def note_and_crash(*arguments, **words):
        real(*arguments, **words)
        raise Crash

    monkeypatch.setattr(plans, "note", note_and_crash)
    with pytest.raises(Crash):
        retention.carry_out(sweep=plan, clock=lambda: now)
    monkeypatch.setattr(plans, "note", real)
    assert count(town) == 5007
    later = now + dt.timedelta(hours=1)
    done = retention.carry_out(sweep=plan, clock=lambda: later)

    assert (done.status, plans.progress(done)["rows"]) == (Plan.Status.DONE, 5001)


def test_a_worker_whose_claim_was_taken_over_changes_nothing(rule, town, now):
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    plans.start(plan=plan, now=now)
    mapped = Map(rule.table.store)
    piece = cutting.cut(plan, mapped, rule, now)
    stolen = plans.abandoned(plan, now + dt.timedelta(hours=1))

    sweeping._end(plan, mapped, rule, piece, now)

    assert stolen.pk == piece.pk
    assert count(town) == 5007


def test_a_rule_below_the_legal_minimum_can_not_be_stored(rule):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError, match="minimum"), transaction.atomic():
        Rule.objects.filter(pk=rule.pk).update(minimum_months=60)


def test_an_unknown_rule_is_one_sentence():
    with pytest.raises(retention.NoSuchRule, match="no retention rule"):
        retention.named("nothing")


def test_a_store_that_is_down_is_one_sentence_and_changes_nothing(rule, now):
    from privacy import stores

    store = rule.table.store
    store.address = "postgres://nobody@127.0.0.1:1/none"
    store.save()
    rule = retention.named(rule.name)

    with pytest.raises(stores.StoreDown, match="does not answer"):
        retention.preview(rule=rule, by="pia", now=now)
