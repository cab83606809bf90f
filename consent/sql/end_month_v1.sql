-- A month of the ledger ends: its partition goes, and that of what was carried into it;
-- `consent_event_carried`, filled beforehand, becomes all that is older than its end.
-- The parent is locked for as long as the new partition takes to be checked.
CREATE FUNCTION consent_end_month_v1(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part text := consent_month_name_v1(month);
    until timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    LOCK TABLE consent_event IN ACCESS EXCLUSIVE MODE;
    IF to_regclass('consent_event_opening') IS NOT NULL THEN
        ALTER TABLE consent_event DETACH PARTITION consent_event_opening;
        DROP TABLE consent_event_opening;
    END IF;
    EXECUTE format('ALTER TABLE consent_event DETACH PARTITION %I', part);
    EXECUTE format('DROP TABLE %I', part);
    ALTER TABLE consent_event_carried RENAME TO consent_event_opening;
    PERFORM consent_attach_v1('consent_event_opening',
        format('FOR VALUES FROM (MINVALUE) TO (%L)', until));
END $$;
