-- Numbers each audit row without gaps and chains it to the last.
-- hash = sha256(previous hash || payload), both as UTF-8; uses the primary key's index.
-- The advisory lock makes writers queue until the one before has committed.
CREATE OR REPLACE FUNCTION privacy_audit_chain_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(7301, 1);
    SELECT sequence, hash INTO last FROM privacy_auditevent ORDER BY sequence DESC LIMIT 1;
    NEW.sequence := COALESCE(last.sequence, 0) + 1;
    NEW.previous := COALESCE(last.hash, repeat('0', 64));
    NEW.hash := encode(sha256(convert_to(NEW.previous || NEW.payload, 'UTF8')), 'hex');
    RETURN NEW;
END $$;

CREATE TRIGGER audit_chain BEFORE INSERT ON privacy_auditevent
    FOR EACH ROW EXECUTE FUNCTION privacy_audit_chain_v1();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON privacy_auditevent
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only_v1();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON privacy_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION privacy_append_only_v1();
