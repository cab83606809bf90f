-- What we knew of a number before it was put on the same list again, as an as-of question
-- needs it. A stay that ends with a newer copy keeps its row, and is not put again.
CREATE FUNCTION consent_keep_listing_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO consent_listingbefore
        (identifier_id, list, listed_at, ends_at, source, recorded_at, recorded_by, until)
    VALUES (OLD.identifier_id, OLD.list, OLD.listed_at, OLD.ends_at, OLD.source,
        OLD.recorded_at, OLD.recorded_by, NEW.recorded_at);
    RETURN NULL;
END $$;

CREATE TRIGGER consent_put_again AFTER UPDATE OF recorded_at ON consent_listing
    FOR EACH ROW WHEN (OLD.recorded_at IS DISTINCT FROM NEW.recorded_at)
    EXECUTE FUNCTION consent_keep_listing_v1();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent_listingbefore
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only_v1();
