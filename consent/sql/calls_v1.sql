-- A carrier's call names the person in clear, inside its seal: it goes with the value of
-- their identifier, in the same transaction. By the index on the identifier.
CREATE FUNCTION consent_calls_end_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE consent_inboundmessage SET call = NULL
    WHERE identifier_id = NEW.id AND call IS NOT NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER consent_calls_end AFTER UPDATE OF value ON privacy_identifier
    FOR EACH ROW WHEN (NEW.value IS NULL AND OLD.value IS NOT NULL)
    EXECUTE FUNCTION consent_calls_end_v1();
