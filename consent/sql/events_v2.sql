-- Has the person themself said a clear word since, to the same sender or to all, by what
-- we knew then? No list says it for them, and no other number of theirs. Reads the months
-- from there on, by the index on the identifier. `consent.review.clear_since` is the same.
CREATE FUNCTION consent_spoke_v2(person bigint, spoken_to bigint, since timestamptz,
    known timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM consent_event e
        WHERE e.identifier_id = person AND e.kind IN ('opt_in', 'opt_out')
          AND e.source = 'direct' AND e.route NOT IN ('import', 'carried')
          AND (e.organization = '' OR e.organization = (
              SELECT p.organization FROM consent_program p WHERE p.id = spoken_to))
          AND e.occurred_at >= since AND e.recorded_at >= since
          AND e.recorded_at <= known
    );
END $$;

DROP FUNCTION consent_spoke_v1(bigint, timestamptz, timestamptz);
