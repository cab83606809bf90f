"""Delete and de-identify sweeps through the product, against one raw statement."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg

from privacy.strategies.digests import pads
from privacy.strategies.shapes import Phone
from tests.benchmarks import ground
from tests.benchmarks.ground import Result

MESSAGES = """
DROP TABLE IF EXISTS message;
CREATE TABLE message (id bigint PRIMARY KEY, contact_id bigint NOT NULL, body text,
    from_number varchar(32), to_number varchar(32), sent_at timestamptz NOT NULL);
INSERT INTO message SELECT n, n %% 100000,
    'Your quote is ready, reply STOP to end ' || n,
    '+12025550100', '+1555' || lpad((n %% 10000000)::text, 7, '0'),
    now() - make_interval(secs => ({rows} - n) * 157680000.0 / {rows})
    FROM generate_series(1, {rows}) n;
CREATE INDEX message_contact ON message (contact_id);
CREATE INDEX message_sent ON message (sent_at);
"""
CONTACTS = """
DROP TABLE IF EXISTS contact;
CREATE TABLE contact (id bigint PRIMARY KEY, name varchar(60), phone varchar(32),
    email varchar(254), street text, city text, ip text, note text,
    seen_at timestamptz NOT NULL);
INSERT INTO contact SELECT n, 'Ada Sample ' || n,
    '+1555' || lpad((n %% 10000000)::text, 7, '0'), 'ada' || n || '@example.com',
    n || ' Main Street', 'Springfield', '203.0.113.' || n %% 256, 'called twice',
    now() - make_interval(secs => ({rows} - n) * 157680000.0 / {rows})
    FROM generate_series(1, {rows}) n;
CREATE INDEX contact_name ON contact (name);
CREATE INDEX contact_phone ON contact (phone);
CREATE INDEX contact_email ON contact (email);
CREATE INDEX contact_seen ON contact (seen_at);
"""
MAP = """
store: bench_sweeps
tables:
  message:
    about: linked
    start: sent_at
    erasure: delete
    columns:
      id: {not_personal: A key}
      contact_id: {not_personal: A key}
      body: {category: communications, source: direct, purposes: [provide],
             treatment: nullify}
      from_number: {not_personal: The business}
      to_number: {category: communications, identifier: phone, source: direct,
                  purposes: [provide], treatment: nullify}
      sent_at: {not_personal: A date}
  contact:
    about: person
    start: seen_at
    erasure: deidentify
    columns:
      id: {not_personal: A key}
      name: &value {category: profile_contact, source: direct, purposes: [provide],
                    treatment: nullify}
      phone: {category: profile_contact, identifier: phone, source: direct,
              purposes: [provide], treatment: pseudonym}
      email: *value
      street: *value
      city: *value
      ip: {category: device_technical, identifier: ip, source: automatic,
           purposes: [protect], treatment: nullify}
      note: *value
      seen_at: {not_personal: A date}
"""
RAW_DELETE = "DELETE FROM message WHERE sent_at < %s"
HALVES = (RAW_DELETE, "DELETE FROM message WHERE sent_at >= %s AND sent_at < %s")
MEDIAN = "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY sent_at) FROM message"
RAW_UPDATE = f"""
UPDATE contact SET name = NULL, email = NULL, street = NULL, city = NULL, ip = NULL,
    note = NULL, phone = '{Phone.code}' || translate(right(encode(sha256(%(outer)s ||
        sha256(%(inner)s || convert_to(lower(phone), 'UTF8'))), 'hex'), 11),
        'abcdef', '012345')
WHERE seen_at < %(before)s
"""


def run(rows: int, rounds: int) -> Iterator[Result]:
    with ground.town("bench_sweeps") as direct:
        fill(direct, MESSAGES, rows)
        fill(direct, CONTACTS, rows // 10)
        ground.load_map(MAP)
        yield delete(direct, rows, rounds)
        yield delete(direct, rows, rounds, workers=2)
        yield deidentify(direct, rows, rounds)
        yield deidentify(direct, rows, rounds, workers=2)
        yield memory(direct, rows)


def fill(direct: psycopg.Connection, script: str, rows: int) -> None:
    direct.execute(script.replace("{rows}", str(rows)).replace("%%", "%"))
    direct.execute("VACUUM ANALYZE")
    direct.execute("CHECKPOINT")


def delete(
    direct: psycopg.Connection, rows: int, rounds: int, workers: int = 1
) -> Result:
    """Forty in a hundred rows are past three years."""
    name, bar = ("delete sweep", 0.9) if workers == 1 else ("the same, two workers", 1)
    before, pairs, slowest = ground.before(36), [], 0.0
    for _ in range(rounds):
        fill(direct, MESSAGES, rows)
        bare = ground.timed(lambda: direct.execute(RAW_DELETE, [before]))
        fill(direct, MESSAGES, rows)
        sweep = ground.approved(ground.rule("message", "sent_at", "delete", 36))
        with ground.workers(sweep, workers) as carry_out:
            product = ground.timed(carry_out)
        slowest = max(slowest, ground.longest(sweep))
        pairs.append((bare, product))
    remark = beside(direct, rows, pairs) if workers > 1 else ""
    return ground.result(name, rows, pairs, bar, longest=slowest, remark=remark)


def beside(
    direct: psycopg.Connection, rows: int, pairs: list[tuple[float, float]]
) -> str:
    """What the machine itself gains by two at once: the same rows in two raw halves."""
    fill(direct, MESSAGES, rows)
    before = ground.before(36)
    where = " WHERE sent_at < %s"
    (middle,) = direct.execute(MEDIAN + where, [before]).fetchone() or (before,)
    with psycopg.connect(direct.info.dsn, autocommit=True) as other:
        lines, bounds = (direct, other), ([middle], [middle, before])

        def halves() -> None:
            with ThreadPoolExecutor(len(lines)) as pool:
                list(pool.map(psycopg.Connection.execute, lines, HALVES, bounds))

        took = ground.timed(halves)
    one = min(bare for bare, _ in pairs)
    return f"two raw statements at once: {one / took:.2f} of one"


def deidentify(
    direct: psycopg.Connection, rows: int, rounds: int, workers: int = 1
) -> Result:
    """Seven columns changed, three of them in an index, one of them by HMAC."""
    name = "de-identify sweep" if workers == 1 else "the same, two workers"
    bar = 0.9 if workers == 1 else 1
    inner, outer = pads()
    values = {"inner": inner, "outer": outer, "before": ground.before(36)}
    pairs, slowest = [], 0.0
    for _ in range(rounds):
        fill(direct, CONTACTS, rows)
        bare = ground.timed(lambda: direct.execute(RAW_UPDATE, values))
        fill(direct, CONTACTS, rows)
        sweep = ground.approved(ground.rule("contact", "seen_at", "deidentify", 36))
        with ground.workers(sweep, workers) as carry_out:
            product = ground.timed(carry_out)
        slowest = max(slowest, ground.longest(sweep))
        pairs.append((bare, product))
    return ground.result(name, rows, pairs, bar, longest=slowest)


def memory(direct: psycopg.Connection, rows: int) -> Result:
    """The peak of a worker on a tenth of the table against the whole table."""
    peaks = []
    for size in (rows // 10, rows):
        fill(direct, MESSAGES, size)
        made = ground.rule("message", "sent_at", "delete", 36)
        ground.approved(made)
        peaks.append(ground.peak("retention", "run", made.name, "--wait"))
    small, large = peaks
    remark = (
        f"{small // 1024} MiB at {rows // 10:,} rows, {large // 1024} MiB at {rows:,}"
    )
    return ground.result(
        "memory, tenth against whole", rows, [(small, large)], 0.9, remark=remark
    )
