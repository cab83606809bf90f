-- What somebody bought or asked is a fact, and never changes.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent_dealing
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only_v1();
