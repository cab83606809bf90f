"""The sample platform's map and rules name everything and can be carried out."""

import json

import pytest

from privacy import retention
from privacy.datamap import Map, drift
from privacy.models import Rule
from privacy.refusals import Refusal
from privacy.sample import loading
from tests.privacy.sample.conftest import one

pytestmark = pytest.mark.django_db


def test_the_map_names_every_column_and_every_path(connected):
    store, direct = connected
    mapped = Map(store)

    assert drift.problems(mapped) == []
    for name, table in mapped.tables.items():
        known = {c.full_name for c in mapped.columns(table)}
        for column in mapped.columns(table):
            if column.kind == "JSONField":
                assert paths(direct, name, column.name) <= known


def paths(connection, table, column):
    rows = connection.execute(
        f"SELECT DISTINCT {column}::text FROM {table} WHERE {column} IS NOT NULL"
    )
    return {path for (text,) in rows for path in leaves(column, json.loads(text))}


def leaves(prefix, value):
    if not isinstance(value, dict):
        return {prefix}
    return {leaf for k, v in value.items() for leaf in leaves(f"{prefix}.{k}", v)}


def test_every_table_with_personal_data_has_a_rule(connected):
    store, _ = connected
    mapped = Map(store)

    ruled = {rule.table.full_name for rule in Rule.objects.all()}

    personal = {
        name
        for name, table in mapped.tables.items()
        if any(c.is_personal for c in mapped.columns(table))
    }
    assert ruled == personal


def test_each_rule_finds_some_rows_past_their_period_but_not_most(connected, now):
    _, direct = connected

    shares = {}
    for rule in Rule.objects.select_related("table"):
        due = retention.past_due(rule, now)["rows"]
        shares[rule.name] = due / one(direct, f"SELECT count(*) FROM {rule.table.name}")

    assert shares.pop("lead-coordinates") == pytest.approx(0.03, abs=0.01)
    assert not {name: s for name, s in shares.items() if not 0.08 <= s <= 0.22}


def test_each_rule_can_be_carried_out(connected, tmp_path, now):
    _, direct = connected

    for rule in Rule.objects.all():
        sweep = retention.preview(rule=rule, by="lena", now=now)
        retention.approve(sweep=sweep, by="max", now=now)
        done = retention.carry_out(sweep=sweep, clock=lambda: now)
        assert (rule.name, done.status, done.problem) == (rule.name, "done", "")
        assert retention.past_due(rule, now)["rows"] == 0

    kept = one(direct, "SELECT count(recording_path) FROM call_events")
    assert kept == len(list(tmp_path.glob("*.wav")))


def test_rules_that_are_no_rules_are_refused_by_name(connected, now):
    store, _ = connected
    known = (loading.HERE / "rules.yaml").read_text()

    for text, sentence in (
        ("{", "not YAML"),
        ("name: sms", "not a list"),
        (known.replace("citation:", "source:", 1), "unknown key source"),
        (known.replace("table: sms_events", "table: letters", 1), "no table letters"),
        (known.replace("start: sent_at", "start: read_at", 1), "no column read_at"),
        (known.replace("{months: 60}", "{months: 12}", 1), "longer period"),
        (
            known.replace("promise: geo-coarse", "promise: none"),
            "unknown promise: none",
        ),
    ):
        with pytest.raises(Refusal, match=sentence):
            loading.load_rules(store, text, "pia", now)

    assert Rule.objects.get(name="opt-in-logs").months == 60


def test_the_schema_indexes_every_date_that_a_rule_counts_from(connected):
    store, _ = connected
    mapped = Map(store)

    for rule in Rule.objects.select_related("table"):
        table = mapped.tables[rule.table.full_name]
        assert mapped.column(table, rule.start).options["indexed"], rule.name
