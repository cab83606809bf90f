-- What somebody bought or asked never changes, and stays while it implies consent.
DROP TRIGGER append_only ON consent_dealing;
CREATE TRIGGER append_only BEFORE UPDATE ON consent_dealing
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only_v1();
CREATE TRIGGER kept_while_it_counts BEFORE DELETE ON consent_dealing
    FOR EACH ROW WHEN (OLD.ends_at > now()) EXECUTE FUNCTION privacy_append_only_v1();
