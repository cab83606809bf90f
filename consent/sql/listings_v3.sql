-- A request to be left alone stays while it counts. What it said before it was repeated
-- never changes, and goes no sooner than the request itself.
CREATE TRIGGER kept_while_it_counts BEFORE DELETE ON consent_listing
    FOR EACH ROW WHEN (
        OLD.list = 'requested' AND (OLD.ends_at IS NULL OR OLD.ends_at > now()))
    EXECUTE FUNCTION privacy_append_only_v1();

CREATE FUNCTION consent_keep_before_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.list <> 'requested' OR EXISTS (
        SELECT FROM consent_listing l
        WHERE l.identifier_id = OLD.identifier_id AND l.list = OLD.list
    ) THEN
        RAISE EXCEPTION 'consent_listingbefore is append-only while it counts'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;

DROP TRIGGER append_only ON consent_listingbefore;
CREATE TRIGGER append_only BEFORE UPDATE ON consent_listingbefore
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only_v1();
CREATE TRIGGER kept_with_the_request BEFORE DELETE ON consent_listingbefore
    FOR EACH ROW EXECUTE FUNCTION consent_keep_before_v1();
