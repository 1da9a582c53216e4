-- Written once a fetched delivery has landed; the next one of the dataset goes on from the newest earlier date.
CREATE TABLE ledger.source_cursors (
    cursor_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contract_id text NOT NULL,
    logical_date date NOT NULL,
    batch_id text NOT NULL REFERENCES ledger.batches,
    value jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON ledger.source_cursors (contract_id, logical_date DESC, cursor_id DESC);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.source_cursors
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
