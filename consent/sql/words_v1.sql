-- The state of a part of a sender after each word about it, in their order. Only the
-- person's own word ends anything: time ends a consent alone; the platform lifts only
-- what it had entered itself ("suppressed"), and enters nothing above the person's STOP.
CREATE FUNCTION consent_follow_v1(state text, word text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE
        WHEN word = 'expiry' AND state NOT IN ('opt_in', 'expiry') THEN state
        WHEN word = 'release' AND state NOT IN ('suppressed', 'release') THEN state
        WHEN word = 'suppressed' AND state = 'opt_out' THEN state
        ELSE word
    END;
END $$;

CREATE AGGREGATE consent_state_v1(text) (
    sfunc = consent_follow_v1, stype = text, parallel = safe
);
