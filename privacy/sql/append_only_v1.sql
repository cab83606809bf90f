-- Rows may be added, never changed or taken away. Used by audit and the consent ledger.
CREATE OR REPLACE FUNCTION privacy_append_only_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
