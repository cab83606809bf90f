-- A stay on a registry that is over never changes; what is on one may.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent_listing
    FOR EACH ROW WHEN (OLD.ended_by_id IS NOT NULL)
    EXECUTE FUNCTION privacy_append_only_v1();
