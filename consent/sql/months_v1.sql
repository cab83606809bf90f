-- The ledger by months: a partition for each month (UTC) of `recorded_at`.

-- An empty table that can become a partition: the parent's columns, checks and indexes.
CREATE FUNCTION consent_part_v1(part text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE consent_event INCLUDING DEFAULTS '
        'INCLUDING CONSTRAINTS INCLUDING INDEXES)', part);
END $$;

-- It becomes one. Row triggers come from the parent; that of TRUNCATE does not.
CREATE FUNCTION consent_attach_v1(part text, bounds text) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('ALTER TABLE consent_event ATTACH PARTITION %I %s', part, bounds);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I '
        'FOR EACH STATEMENT EXECUTE FUNCTION privacy_append_only_v1()', part);
END $$;

CREATE FUNCTION consent_month_name_v1(month date) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT 'consent_event_' || to_char(month, 'YYYY_MM') $$;

CREATE FUNCTION consent_month_bounds_v1(month date) RETURNS text LANGUAGE sql STABLE
AS $$
    SELECT format('FOR VALUES FROM (%L) TO (%L)', month::timestamp AT TIME ZONE 'UTC',
        (month + interval '1 month') AT TIME ZONE 'UTC')
$$;

-- Makes the partition of a month if it is not there; true if it was made.
CREATE FUNCTION consent_month_v1(month date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    part text := consent_month_name_v1(month);
BEGIN
    IF to_regclass(part) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM consent_part_v1(part);
    PERFORM consent_attach_v1(part, consent_month_bounds_v1(month));
    RETURN true;
END $$;

-- What has no month yet: a STOP is never refused because nobody made its partition.
-- The clock files it (`consent.months.keep_ready`), and the board watches it.
CREATE FUNCTION consent_unfiled_v1() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM consent_part_v1('consent_event_unfiled');
    PERFORM consent_attach_v1('consent_event_unfiled', 'DEFAULT');
END $$;

-- Gives each event that has no month yet the partition of its month; how many. The
-- rows are copied as they are: they are numbered, and nobody may change them.
CREATE FUNCTION consent_file_v1() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    month date;
    filed bigint;
BEGIN
    LOCK TABLE consent_event IN ACCESS EXCLUSIVE MODE;
    SELECT count(*) INTO filed FROM consent_event_unfiled;
    ALTER TABLE consent_event DETACH PARTITION consent_event_unfiled;
    FOR month IN
        SELECT DISTINCT date_trunc('month', recorded_at AT TIME ZONE 'UTC')
        FROM consent_event_unfiled
    LOOP
        PERFORM consent_part_v1(consent_month_name_v1(month));
        EXECUTE format('INSERT INTO %I SELECT * FROM consent_event_unfiled WHERE '
            'date_trunc(''month'', recorded_at AT TIME ZONE ''UTC'') = $1',
            consent_month_name_v1(month)) USING month;
        PERFORM consent_attach_v1(
            consent_month_name_v1(month), consent_month_bounds_v1(month));
    END LOOP;
    DROP TABLE consent_event_unfiled;
    PERFORM consent_unfiled_v1();
    RETURN filed;
END $$;

-- Numbers each event without gaps, and enters its line: the line's unique number and
-- key stand for all months, which no index over partitions could. Uses the primary key
-- of the lines. The lock is the audit trail's own, as before.
CREATE FUNCTION consent_ledger_v2() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7301, 1);
    INSERT INTO consent_ledgerline (sequence, recorded_at, key)
    SELECT COALESCE(max(sequence), 0) + 1, NEW.recorded_at,
        sha256(convert_to(NEW.idempotency_key, 'UTF8'))
    FROM consent_ledgerline
    RETURNING sequence INTO NEW.sequence;
    RETURN NEW;
END $$;
