-- What a program answered at any time, whoever changed it: each change of its texts adds
-- a row, and no row changes. It outlives its program.
CREATE FUNCTION consent_keep_texts_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO consent_programtext
        (program_id, since, opt_in_text, opt_out_text, help_text, clarify_text)
    VALUES (NEW.id, clock_timestamp(), NEW.opt_in_text, NEW.opt_out_text,
        NEW.help_text, NEW.clarify_text);
    RETURN NULL;
END $$;

CREATE TRIGGER consent_new_texts AFTER INSERT ON consent_program
    FOR EACH ROW EXECUTE FUNCTION consent_keep_texts_v1();
CREATE TRIGGER consent_changed_texts
    AFTER UPDATE OF opt_in_text, opt_out_text, help_text, clarify_text ON consent_program
    FOR EACH ROW WHEN (
        (OLD.opt_in_text, OLD.opt_out_text, OLD.help_text, OLD.clarify_text)
        IS DISTINCT FROM
        (NEW.opt_in_text, NEW.opt_out_text, NEW.help_text, NEW.clarify_text))
    EXECUTE FUNCTION consent_keep_texts_v1();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent_programtext
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only_v1();

-- Of programs that are here already: from today on; what they said before is unknown.
INSERT INTO consent_programtext
    (program_id, since, opt_in_text, opt_out_text, help_text, clarify_text)
SELECT id, clock_timestamp(), opt_in_text, opt_out_text, help_text, clarify_text
FROM consent_program;
