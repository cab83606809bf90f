-- The ledger of before becomes one by months; every event keeps its number.
ALTER TABLE consent_event RENAME TO consent_event_before;
ALTER TABLE consent_event_before RENAME CONSTRAINT consent_event_pkey TO before_pkey;
ALTER INDEX consent_event_of_whom RENAME TO before_of_whom;
DROP TRIGGER ledger_sequence ON consent_event_before;

CREATE TABLE consent_event (
    LIKE consent_event_before INCLUDING CONSTRAINTS,
    PRIMARY KEY (sequence, recorded_at),
    CONSTRAINT consent_event_identifier FOREIGN KEY (identifier_id)
        REFERENCES privacy_identifier DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT consent_event_program FOREIGN KEY (program_id)
        REFERENCES consent_program DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (recorded_at);
CREATE INDEX consent_event_of_whom ON consent_event (identifier_id, occurred_at);
CREATE INDEX consent_event_program ON consent_event (program_id);

SELECT consent_unfiled_v1();
SELECT consent_month_v1(month::date)
FROM (
    SELECT DISTINCT date_trunc('month', recorded_at, 'UTC') AT TIME ZONE 'UTC' AS month
    FROM consent_event_before
    UNION
    SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month'
    FROM generate_series(0, 3) AS n
) AS months ORDER BY month;

INSERT INTO consent_event SELECT * FROM consent_event_before;
INSERT INTO consent_ledgerline (sequence, recorded_at, key)
SELECT sequence, recorded_at, sha256(convert_to(idempotency_key, 'UTF8'))
FROM consent_event_before;
SET CONSTRAINTS ALL IMMEDIATE;
DROP TABLE consent_event_before;

CREATE TRIGGER ledger_sequence BEFORE INSERT ON consent_event
    FOR EACH ROW EXECUTE FUNCTION consent_ledger_v2();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent_event
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only_v1();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON consent_event
    FOR EACH STATEMENT EXECUTE FUNCTION privacy_append_only_v1();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent_ledgerline
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only_v1();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON consent_ledgerline
    FOR EACH STATEMENT EXECUTE FUNCTION privacy_append_only_v1();

-- What refers to an event refers to its line, which stays.
ALTER TABLE consent_standing ADD CONSTRAINT consent_standing_event FOREIGN KEY (event_id)
    REFERENCES consent_ledgerline DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE consent_utterance ADD CONSTRAINT consent_utterance_event
    FOREIGN KEY (event_id) REFERENCES consent_ledgerline DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE consent_delivery ADD CONSTRAINT consent_delivery_event
    FOREIGN KEY (event_id) REFERENCES consent_ledgerline DEFERRABLE INITIALLY DEFERRED;
DROP FUNCTION consent_ledger_v1();
