-- One row per batch and table that changed what earlier batches had stated. `columns` counts cells by column,
-- `earlier` rows by the batch that had stated them. Counts only: no value of a row is in it.
CREATE TABLE ledger.restatements (
    restatement_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id text NOT NULL REFERENCES ledger.batches,
    dataset text NOT NULL,
    attempt integer NOT NULL,
    rows bigint NOT NULL CHECK (rows >= 0),
    cells bigint NOT NULL CHECK (cells >= rows),
    filled bigint NOT NULL CHECK (filled >= 0),
    withdrawn bigint NOT NULL CHECK (withdrawn >= 0),
    columns jsonb NOT NULL,
    earlier jsonb NOT NULL,
    first_date date,
    last_date date CHECK (last_date >= first_date),
    silver_version bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CHECK (rows + withdrawn > 0)
);
CREATE INDEX ON ledger.restatements (batch_id, dataset, restatement_id DESC);
CREATE INDEX ON ledger.restatements (dataset, restatement_id DESC);

-- A few of the cells, with their values: they go where a person in them is erased.
CREATE TABLE ledger.restatement_samples (
    restatement_id bigint NOT NULL REFERENCES ledger.restatements,
    number integer NOT NULL,
    key jsonb NOT NULL,
    "column" text NOT NULL,
    old text,
    new text,
    earlier text NOT NULL,
    source_file text NOT NULL,
    row_number bigint NOT NULL,
    PRIMARY KEY (restatement_id, number)
);

-- What it changed downstream, told once an edition holds it: marts that read the table, indicators made from them, and
-- how many of their cells have another value than in the edition before. Null: that edition was gone.
CREATE TABLE ledger.restatement_effects (
    restatement_id bigint PRIMARY KEY REFERENCES ledger.restatements,
    edition_before integer REFERENCES ledger.editions,
    edition_after integer NOT NULL REFERENCES ledger.editions,
    marts jsonb NOT NULL,
    indicators jsonb NOT NULL,
    cells_changed bigint,
    cells jsonb NOT NULL DEFAULT '[]',
    recorded_at timestamptz NOT NULL DEFAULT now()
);

DO $$
DECLARE evidence text;
BEGIN
    FOREACH evidence IN ARRAY ARRAY['restatements', 'restatement_effects'] LOOP
        EXECUTE format(
            'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.%I
             FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', evidence);
    END LOOP;
END $$;

CREATE VIEW ledger_public.restatements AS
SELECT
    r.restatement_id, r.batch_id, r.dataset, d.title_en, d.title_zh, b.department, p.title_en AS department_en,
    p.title_zh AS department_zh, b.contract_id, b.logical_date, b.revision, r.attempt, r.rows, r.cells, r.filled,
    r.withdrawn, r.columns, r.earlier, r.first_date, r.last_date, r.recorded_at,
    e.edition_before, e.edition_after, e.marts, e.indicators, e.cells_changed, e.recorded_at AS told_at,
    concat_ws('; ',
        CASE WHEN r.rows > 0 THEN format('%s values in %s rows are other ones now', r.cells, r.rows) END,
        CASE WHEN r.withdrawn > 0 THEN format('%s rows were taken back', r.withdrawn) END) AS summary_en,
    concat_ws('；',
        CASE WHEN r.rows > 0 THEN format('更正 %s 行中的 %s 个数值', r.rows, r.cells) END,
        CASE WHEN r.withdrawn > 0 THEN format('撤回 %s 行', r.withdrawn) END) AS summary_zh
FROM ledger.restatements AS r
JOIN ledger.batches AS b USING (batch_id)
JOIN ledger.departments AS p ON p.department = b.department
LEFT JOIN ledger.datasets AS d ON d.dataset = r.dataset
LEFT JOIN ledger.restatement_effects AS e USING (restatement_id);

-- One row per cell of an indicator that a restatement may have changed: old and new value.
CREATE VIEW ledger_public.restated_indicators AS
SELECT
    e.restatement_id, e.edition_before, e.edition_after, c.indicator_id, c.version, c.indicator_zh, c.indicator_en,
    c.period, c.period_start, c.level, c.area_code, c.old_value, c.new_value
FROM ledger.restatement_effects AS e
CROSS JOIN LATERAL jsonb_to_recordset(e.cells) AS c(
    indicator_id text, version integer, indicator_zh text, indicator_en text, period text, period_start date,
    level text, area_code text, old_value double precision, new_value double precision);
