-- The table for what is carried, empty, with all that a partition up to then must have:
-- to be attached it is not read again.
CREATE FUNCTION consent_prepare_v1(until timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS consent_event_carried;
    PERFORM consent_part_v1('consent_event_carried');
    EXECUTE format('ALTER TABLE consent_event_carried '
        'ADD CONSTRAINT consent_carried CHECK (recorded_at < %L)', until);
    ALTER TABLE consent_event_carried
        ADD CONSTRAINT consent_event_identifier FOREIGN KEY (identifier_id)
            REFERENCES privacy_identifier DEFERRABLE INITIALLY DEFERRED,
        ADD CONSTRAINT consent_event_program FOREIGN KEY (program_id)
            REFERENCES consent_program DEFERRABLE INITIALLY DEFERRED;
END $$;

-- A month of the ledger ends: its partition goes, and that of what was carried into it;
-- `consent_event_carried`, filled beforehand, becomes all that is older than its end.
CREATE FUNCTION consent_end_month_v2(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part text := consent_month_name_v1(month);
    until timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    IF to_regclass('consent_event_opening') IS NOT NULL THEN
        ALTER TABLE consent_event DETACH PARTITION consent_event_opening;
        DROP TABLE consent_event_opening;
    END IF;
    EXECUTE format('ALTER TABLE consent_event DETACH PARTITION %I', part);
    EXECUTE format('DROP TABLE %I', part);
    ALTER TABLE consent_event_carried RENAME TO consent_event_opening;
    PERFORM consent_attach_v1('consent_event_opening',
        format('FOR VALUES FROM (MINVALUE) TO (%L)', until));
    ALTER TABLE consent_event_opening DROP CONSTRAINT consent_carried;
END $$;

DROP FUNCTION consent_end_month_v1(date);
