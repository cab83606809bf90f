-- Questions to the ledger by months that are asked before every message.

-- The event of a number, from its month alone: by the primary keys of the line and of
-- one partition. A join would open, or at least plan, all of them.
CREATE FUNCTION consent_event_of_v1(number bigint) RETURNS SETOF consent_event
LANGUAGE plpgsql STABLE ROWS 1 AS $$
DECLARE
    known timestamptz;
BEGIN
    SELECT l.recorded_at INTO known FROM consent_ledgerline l WHERE l.sequence = number;
    RETURN QUERY SELECT e.* FROM consent_event e
        WHERE e.sequence = number AND e.recorded_at = known;
END $$;

-- Has somebody said a clear word since, by what we knew then? Reads the months from
-- there on, by the index on the identifier.
CREATE FUNCTION consent_spoke_v1(person bigint, since timestamptz, known timestamptz)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM consent_event e
        WHERE e.identifier_id = person AND e.kind IN ('opt_in', 'opt_out')
          AND e.occurred_at >= since AND e.recorded_at >= since
          AND e.recorded_at <= known
    );
END $$;
