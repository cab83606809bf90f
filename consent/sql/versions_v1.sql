-- What rules of quiet hours and programs said at any time, whoever changed them: each
-- change adds a version, and no version changes. An as-of question is answered by them.
CREATE FUNCTION consent_keep_version_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO consent_ruleversion ("table", "row", said, since)
        VALUES (TG_TABLE_NAME, OLD.id, NULL, clock_timestamp());
    ELSE
        INSERT INTO consent_ruleversion ("table", "row", said, since)
        VALUES (TG_TABLE_NAME, NEW.id, to_jsonb(NEW), clock_timestamp());
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER consent_new_version AFTER INSERT OR DELETE ON consent_hoursrule
    FOR EACH ROW EXECUTE FUNCTION consent_keep_version_v1();
CREATE TRIGGER consent_changed_version AFTER UPDATE ON consent_hoursrule
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW)
    EXECUTE FUNCTION consent_keep_version_v1();
CREATE TRIGGER consent_new_version AFTER INSERT OR DELETE ON consent_program
    FOR EACH ROW EXECUTE FUNCTION consent_keep_version_v1();
CREATE TRIGGER consent_changed_version AFTER UPDATE ON consent_program
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW)
    EXECUTE FUNCTION consent_keep_version_v1();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent_ruleversion
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only_v1();

-- Of rows that are here already nobody knows what they said before.
INSERT INTO consent_ruleversion ("table", "row", said, since)
SELECT 'consent_hoursrule', r.id, to_jsonb(r), NULL FROM consent_hoursrule r;
INSERT INTO consent_ruleversion ("table", "row", said, since)
SELECT 'consent_program', p.id, to_jsonb(p), NULL FROM consent_program p;
