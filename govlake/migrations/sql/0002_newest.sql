-- A corrected delivery answers for the one before it; a newer snapshot answers for all older ones.

ALTER TABLE ledger.datasets ADD COLUMN mode text NOT NULL DEFAULT 'increment'
    CHECK (mode IN ('increment', 'snapshot'));

CREATE OR REPLACE VIEW ledger_public.quarantine_reasons AS
SELECT
    q.batch_id, q.dataset, d.title_en, d.title_zh, b.department, p.title_en AS department_en,
    p.title_zh AS department_zh, b.contract_id, b.logical_date, q.rule, q.rows, q.share, q.message_en,
    q.message_zh, q.owner, q.recorded_at
FROM ledger.quarantine_reasons AS q
JOIN ledger.batches AS b USING (batch_id)
JOIN ledger.departments AS p ON p.department = b.department
LEFT JOIN ledger.datasets AS d ON d.dataset = q.dataset
WHERE NOT EXISTS (
    SELECT FROM ledger.batches AS later
    WHERE later.contract_id = b.contract_id AND later.status = 'done' AND (
        (later.logical_date = b.logical_date AND later.revision > b.revision)
        OR (d.mode = 'snapshot' AND later.logical_date > b.logical_date)
    )
);

CREATE OR REPLACE VIEW ledger_public.batch_accounts AS
SELECT DISTINCT ON (a.batch_id, a.dataset)
    a.batch_id, a.dataset, d.title_en, d.title_zh, b.department, p.title_en AS department_en,
    p.title_zh AS department_zh, b.contract_id, b.logical_date, b.revision, b.status, a.landed, a.bronze,
    a.silver_new, a.silver_updated, a.unchanged, a.duplicate, a.superseded, a.quarantined, true AS closes,
    a.verdict, a.attempt, a.recorded_at, NOT EXISTS (
        SELECT FROM ledger.batches AS later WHERE later.contract_id = b.contract_id
        AND later.logical_date = b.logical_date AND later.revision > b.revision
    ) AS is_newest
FROM ledger.batch_accounts AS a
JOIN ledger.batches AS b USING (batch_id)
JOIN ledger.departments AS p ON p.department = b.department
LEFT JOIN ledger.datasets AS d ON d.dataset = a.dataset
ORDER BY a.batch_id, a.dataset, a.account_id DESC;

CREATE OR REPLACE VIEW ledger_public.deliveries AS
SELECT
    b.batch_id, b.contract_id, b.department, p.title_en AS department_en, p.title_zh AS department_zh,
    c.contract_title_en AS title_en, c.contract_title_zh AS title_zh, b.logical_date, b.revision, b.sha256,
    b.bytes, b.source, b.fetched_at, b.status, b.verdict, b.reason_en, b.reason_zh, b.attempts,
    b.started_at, b.finished_at, extract(epoch FROM b.finished_at - b.started_at)::double precision AS seconds,
    coalesce(r.rows, 0) AS rows, NOT EXISTS (
        SELECT FROM ledger.batches AS later WHERE later.contract_id = b.contract_id
        AND later.logical_date = b.logical_date AND later.revision > b.revision
    ) AS is_newest
FROM ledger.batches AS b
JOIN ledger.departments AS p USING (department)
LEFT JOIN LATERAL (
    SELECT contract_title_en, contract_title_zh FROM ledger.datasets AS d
    WHERE d.contract_id = b.contract_id ORDER BY d.dataset LIMIT 1
) AS c ON true
LEFT JOIN LATERAL (
    SELECT sum(value::bigint)::bigint AS rows FROM jsonb_each_text(b.declared)
) AS r ON true;
