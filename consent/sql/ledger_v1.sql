-- Numbers each consent event without gaps; uses the primary key's index.
-- The lock is the audit trail's own: every event writes an audit row as well, and one
-- lock can't deadlock with itself. Writers queue until the one before has committed.
CREATE OR REPLACE FUNCTION consent_ledger_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7301, 1);
    SELECT COALESCE(max(sequence), 0) + 1 INTO NEW.sequence FROM consent_event;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_sequence BEFORE INSERT ON consent_event
    FOR EACH ROW EXECUTE FUNCTION consent_ledger_v1();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent_event
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only_v1();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON consent_event
    FOR EACH STATEMENT EXECUTE FUNCTION privacy_append_only_v1();
