-- Going back, building anew and erasing: what was done to rows after their delivery, and why.

-- A batch that is to be judged again from the bytes kept, and why; "" where it is not.
ALTER TABLE ledger.batches ADD COLUMN replay text NOT NULL DEFAULT '';
CREATE INDEX ON ledger.batches (contract_id, logical_date) WHERE replay <> '';

-- One row per restatement of a range of deliveries. `kept` names the Delta version of each table before the swap.
CREATE TABLE ledger.backfills (
    backfill_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contract_id text NOT NULL,
    from_date date NOT NULL,
    to_date date NOT NULL CHECK (to_date >= from_date),
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    who text NOT NULL,
    state text NOT NULL DEFAULT 'declared' CHECK (
        state IN ('declared', 'built', 'held', 'swapping', 'swapped', 'abandoned')
    ),
    fingerprint text NOT NULL DEFAULT '',
    base jsonb NOT NULL DEFAULT '{}',
    comparison jsonb NOT NULL DEFAULT '[]',
    kept jsonb NOT NULL DEFAULT '{}',
    declared_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ledger.backfill_events (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    backfill_id bigint NOT NULL REFERENCES ledger.backfills,
    event text NOT NULL,
    who text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    happened_at timestamptz NOT NULL DEFAULT now()
);

-- Erasures say who asked on which basis, never whose rows they were.
CREATE TABLE ledger.erasures (
    erasure_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    who text NOT NULL,
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    basis text NOT NULL CHECK (btrim(basis) <> ''),
    started_at timestamptz NOT NULL DEFAULT now()
);

-- The places at which rows were, one row each; a place is erased once.
CREATE TABLE ledger.erased_rows (
    erasure_id bigint NOT NULL REFERENCES ledger.erasures,
    batch_id text NOT NULL REFERENCES ledger.batches,
    dataset text NOT NULL,
    source_file text NOT NULL,
    row_number bigint NOT NULL,
    PRIMARY KEY (batch_id, dataset, source_file, row_number)
);
CREATE INDEX ON ledger.erased_rows (erasure_id);

-- Hashes of delivered bytes that are gone and are not taken again.
CREATE TABLE ledger.erased_bytes (
    sha256 text PRIMARY KEY,
    batch_id text NOT NULL,
    erasure_id bigint NOT NULL REFERENCES ledger.erasures
);

-- An erasure is finished when a scan of everything found nothing.
CREATE TABLE ledger.erasure_proofs (
    erasure_id bigint PRIMARY KEY REFERENCES ledger.erasures,
    counts jsonb NOT NULL,
    scanned jsonb NOT NULL,
    proven_at timestamptz NOT NULL DEFAULT now()
);

DO $$
DECLARE evidence text;
BEGIN
    FOREACH evidence IN ARRAY ARRAY[
        'backfill_events', 'erasures', 'erased_rows', 'erased_bytes', 'erasure_proofs'
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.%I
             FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', evidence);
    END LOOP;
END $$;
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON ledger.backfills
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- The identity: landed = bronze + erased, where erased are the rows that were gone when the batch was judged. It
-- can be neither invented nor forgotten: the database counts the places itself.
ALTER TABLE ledger.batch_accounts ADD COLUMN erased bigint NOT NULL DEFAULT 0 CHECK (erased >= 0);
ALTER TABLE ledger.batch_accounts DROP CONSTRAINT account_closes;
ALTER TABLE ledger.batch_accounts ADD CONSTRAINT account_closes CHECK (
    landed = bronze + erased
    AND bronze = silver_new + silver_updated + unchanged + duplicate + superseded + quarantined
);

CREATE FUNCTION ledger.require_erased() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE known bigint;
BEGIN
    SELECT count(*) INTO known FROM ledger.erased_rows WHERE batch_id = new.batch_id AND dataset = new.dataset;
    IF known <> new.erased THEN
        RAISE EXCEPTION 'the account of % in % says that % rows were erased, the ledger knows of %',
            new.dataset, new.batch_id, new.erased, known
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN new;
END $$;

CREATE TRIGGER require_erased BEFORE INSERT ON ledger.batch_accounts
FOR EACH ROW EXECUTE FUNCTION ledger.require_erased();

CREATE OR REPLACE VIEW ledger_public.batch_accounts AS
SELECT DISTINCT ON (a.batch_id, a.dataset)
    a.batch_id, a.dataset, d.title_en, d.title_zh, b.department, p.title_en AS department_en,
    p.title_zh AS department_zh, b.contract_id, b.logical_date, b.revision, b.status, a.landed, a.bronze,
    a.silver_new, a.silver_updated, a.unchanged, a.duplicate, a.superseded, a.quarantined, true AS closes,
    a.verdict, a.attempt, a.recorded_at, NOT EXISTS (
        SELECT FROM ledger.batches AS later WHERE later.contract_id = b.contract_id
        AND later.logical_date = b.logical_date AND later.revision > b.revision
    ) AS is_newest,
    (SELECT count(*) FROM ledger.erased_rows AS e WHERE e.batch_id = a.batch_id AND e.dataset = a.dataset) AS erased
FROM ledger.batch_accounts AS a
JOIN ledger.batches AS b USING (batch_id)
JOIN ledger.departments AS p ON p.department = b.department
LEFT JOIN ledger.datasets AS d ON d.dataset = a.dataset
ORDER BY a.batch_id, a.dataset, a.account_id DESC;
