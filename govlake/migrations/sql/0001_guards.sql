-- What the database itself refuses, whoever asks: changing evidence, and finishing a batch whose rows are not
-- accounted for.

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger.% is append-only: % refused', tg_table_name, tg_op
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

DO $$
DECLARE evidence text;
BEGIN
    FOREACH evidence IN ARRAY ARRAY[
        'batch_accounts', 'gate_verdicts', 'gate_results', 'incident_events', 'mart_builds', 'editions',
        'edition_prunes', 'audit'
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.%I
             FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', evidence);
    END LOOP;
    FOREACH evidence IN ARRAY ARRAY['batches', 'incidents'] LOOP
        EXECUTE format(
            'CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON ledger.%I
             FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', evidence);
    END LOOP;
END $$;

-- The delivered bytes of a batch are a fact: they can become known, never change.
CREATE FUNCTION ledger.keep_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF old.sha256 IS NOT NULL AND new.sha256 IS DISTINCT FROM old.sha256 THEN
        RAISE EXCEPTION 'batch % was delivered with other bytes (sha256 %)', old.batch_id, left(old.sha256, 12)
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN new;
END $$;

CREATE TRIGGER keep_bytes BEFORE UPDATE ON ledger.batches
FOR EACH ROW EXECUTE FUNCTION ledger.keep_bytes();

-- A batch ends (done, or held as a whole) only when every declared table has an account of this attempt that
-- starts from the declared number of rows.
CREATE FUNCTION ledger.require_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE gap text;
BEGIN
    SELECT string_agg(
        format('%s: %s rows declared, %s', declared.key, declared.value,
               coalesce(account.landed || ' accounted for', 'no account')), '; ')
    INTO gap
    FROM jsonb_each_text(new.declared) AS declared
    LEFT JOIN LATERAL (
        SELECT landed FROM ledger.batch_accounts
        WHERE batch_id = new.batch_id AND dataset = declared.key AND attempt = new.attempts
        ORDER BY account_id DESC LIMIT 1
    ) AS account ON true
    WHERE account.landed IS DISTINCT FROM declared.value::bigint;
    IF gap IS NOT NULL THEN
        RAISE EXCEPTION 'batch % cannot be %: %', new.batch_id, new.status, gap
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN new;
END $$;

CREATE TRIGGER require_accounts BEFORE INSERT OR UPDATE ON ledger.batches
FOR EACH ROW WHEN (new.status IN ('done', 'held')) EXECUTE FUNCTION ledger.require_accounts();
