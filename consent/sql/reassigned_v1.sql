-- What the Reassigned Numbers Database answered never changes.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent_reassignedanswer
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only_v1();
