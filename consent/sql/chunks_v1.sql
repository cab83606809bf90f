-- Hashes do not compress; and what the trail sealed never changes.
ALTER TABLE consent_chunk ALTER COLUMN leaves SET STORAGE EXTERNAL;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent_chunk
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only_v1();
