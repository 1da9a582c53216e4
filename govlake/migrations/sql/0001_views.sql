-- What the cockpit and people with its role may read. Sample rows of quarantine are not among it.

CREATE VIEW ledger_public.batch_accounts AS
SELECT DISTINCT ON (a.batch_id, a.dataset)
    a.batch_id, a.dataset, d.title_en, d.title_zh, b.department, p.title_en AS department_en,
    p.title_zh AS department_zh, b.contract_id, b.logical_date, b.revision, b.status, a.landed, a.bronze,
    a.silver_new, a.silver_updated, a.unchanged, a.duplicate, a.superseded, a.quarantined, true AS closes,
    a.verdict, a.attempt, a.recorded_at
FROM ledger.batch_accounts AS a
JOIN ledger.batches AS b USING (batch_id)
JOIN ledger.departments AS p ON p.department = b.department
LEFT JOIN ledger.datasets AS d ON d.dataset = a.dataset
ORDER BY a.batch_id, a.dataset, a.account_id DESC;

CREATE VIEW ledger_public.deliveries AS
SELECT
    b.batch_id, b.contract_id, b.department, p.title_en AS department_en, p.title_zh AS department_zh,
    c.contract_title_en AS title_en, c.contract_title_zh AS title_zh, b.logical_date, b.revision, b.sha256,
    b.bytes, b.source, b.fetched_at, b.status, b.verdict, b.reason_en, b.reason_zh, b.attempts,
    b.started_at, b.finished_at, extract(epoch FROM b.finished_at - b.started_at)::double precision AS seconds,
    coalesce(r.rows, 0) AS rows
FROM ledger.batches AS b
JOIN ledger.departments AS p USING (department)
LEFT JOIN LATERAL (
    SELECT contract_title_en, contract_title_zh FROM ledger.datasets AS d
    WHERE d.contract_id = b.contract_id ORDER BY d.dataset LIMIT 1
) AS c ON true
LEFT JOIN LATERAL (
    SELECT sum(value::bigint)::bigint AS rows FROM jsonb_each_text(b.declared)
) AS r ON true;

CREATE VIEW ledger_public.gate_results AS
SELECT
    v.batch_id, v.gate, v.verdict AS gate_verdict, v.attempt, v.judged_at, b.department,
    p.title_en AS department_en, p.title_zh AS department_zh, b.contract_id, b.logical_date,
    r.dataset, d.title_en, d.title_zh, r.rule, r.dimension, r.severity, r.assessable, r.passed, r.a, r.b,
    CASE WHEN r.assessable AND r.b > 0 THEN r.a / r.b END AS share, r.direction, r.message_en, r.message_zh,
    r.owner
FROM (
    SELECT DISTINCT ON (batch_id, gate) * FROM ledger.gate_verdicts
    ORDER BY batch_id, gate, judgement DESC
) AS v
JOIN ledger.gate_results AS r USING (judgement)
LEFT JOIN ledger.batches AS b ON b.batch_id = v.batch_id
LEFT JOIN ledger.departments AS p ON p.department = b.department
LEFT JOIN ledger.datasets AS d ON d.dataset = r.dataset;

CREATE VIEW ledger_public.incidents AS
SELECT
    i.incident_id, i.department, coalesce(p.title_en, i.department) AS department_en,
    coalesce(p.title_zh, i.department) AS department_zh, i.contract_id, i.dataset,
    coalesce(d.title_en, c.contract_title_en, i.contract_id) AS dataset_en,
    coalesce(d.title_zh, c.contract_title_zh, i.contract_id) AS dataset_zh,
    i.logical_date, i.batch_id, i.rule, i.severity, i.title_en, i.title_zh, i.rows, i.state, i.opened_at,
    i.closed_at, i.closed_by_batch, i.reopened,
    (extract(epoch FROM coalesce(i.closed_at, now()) - i.opened_at) / 3600)::double precision AS open_hours
FROM ledger.incidents AS i
LEFT JOIN ledger.departments AS p USING (department)
LEFT JOIN ledger.datasets AS d ON d.dataset = i.dataset
LEFT JOIN LATERAL (
    SELECT contract_title_en, contract_title_zh FROM ledger.datasets AS x
    WHERE x.contract_id = i.contract_id ORDER BY x.dataset LIMIT 1
) AS c ON true;

CREATE VIEW ledger_public.open_incidents AS
SELECT * FROM ledger_public.incidents WHERE state = 'open';

CREATE VIEW ledger_public.quarantine_reasons AS
SELECT
    q.batch_id, q.dataset, d.title_en, d.title_zh, b.department, p.title_en AS department_en,
    p.title_zh AS department_zh, b.contract_id, b.logical_date, q.rule, q.rows, q.share, q.message_en,
    q.message_zh, q.owner, q.recorded_at
FROM ledger.quarantine_reasons AS q
JOIN ledger.batches AS b USING (batch_id)
JOIN ledger.departments AS p ON p.department = b.department
LEFT JOIN ledger.datasets AS d ON d.dataset = q.dataset;

-- One row per promised table: how things stand now. A frequency of 0 days means delivered once, never overdue.
CREATE VIEW ledger_public.delivery_status AS
WITH latest AS (
    SELECT DISTINCT ON (contract_id) * FROM ledger.batches
    ORDER BY contract_id, logical_date DESC, revision DESC
),
good AS (
    SELECT contract_id, max(logical_date) AS last_good_date FROM ledger.batches
    WHERE status = 'done' GROUP BY contract_id
),
clock AS (
    SELECT
        d.*, g.last_good_date,
        (now() AT TIME ZONE d.timezone)::date - g.last_good_date AS age_days,
        CASE WHEN d.frequency_days > 0 THEN (
            coalesce(g.last_good_date, (d.registered_at AT TIME ZONE d.timezone)::date)
            + d.frequency_days + 1 + d.grace_days + d.due_time
        ) AT TIME ZONE d.timezone END AS due_at
    FROM ledger.datasets AS d LEFT JOIN good AS g USING (contract_id)
    WHERE d.active
),
stated AS (
    SELECT
        c.*, l.batch_id, l.logical_date AS last_delivery_date,
        coalesce(l.fetched_at, l.started_at) AS last_delivery_at, l.verdict,
        coalesce(l.status, 'awaited') AS status, coalesce(c.due_at < now(), false) AS overdue,
        coalesce(l.status IN ('held', 'unreadable', 'missing'), false) AS held,
        l.reason_en AS batch_reason_en, l.reason_zh AS batch_reason_zh
    FROM clock AS c LEFT JOIN latest AS l USING (contract_id)
)
SELECT
    s.department, p.title_en AS department_en, p.title_zh AS department_zh, s.domain, s.dataset, s.contract_id,
    s.title_en, s.title_zh, s.last_good_date, s.last_delivery_date, s.last_delivery_at, s.batch_id, s.verdict,
    s.status, s.held, s.age_days, s.due_at, s.overdue,
    CASE
        WHEN s.held THEN s.batch_reason_en
        WHEN s.overdue THEN 'Overdue since ' || to_char(s.due_at AT TIME ZONE s.timezone, 'YYYY-MM-DD HH24:MI')
        WHEN s.verdict = 'flag' THEN s.batch_reason_en
        ELSE ''
    END AS reason_en,
    CASE
        WHEN s.held THEN s.batch_reason_zh
        WHEN s.overdue THEN to_char(s.due_at AT TIME ZONE s.timezone, 'YYYY-MM-DD HH24:MI') || '起逾期未交'
        WHEN s.verdict = 'flag' THEN s.batch_reason_zh
        ELSE ''
    END AS reason_zh,
    coalesce(i.open_incidents, 0) AS open_incidents, a.landed, a.quarantined
FROM stated AS s
JOIN ledger.departments AS p USING (department)
LEFT JOIN ledger_public.batch_accounts AS a ON a.batch_id = s.batch_id AND a.dataset = s.dataset
LEFT JOIN LATERAL (
    SELECT count(*) AS open_incidents FROM ledger.incidents AS i
    WHERE i.contract_id = s.contract_id AND i.dataset IN ('', s.dataset) AND i.state = 'open'
) AS i ON true;

-- One row: what leaders see now, since when, and how many inputs of it are held back.
CREATE VIEW ledger_public.edition_current AS
SELECT
    e.edition, e.published_at, q.pointed_at,
    (extract(epoch FROM now() - e.published_at) / 3600)::double precision AS age_hours,
    jsonb_array_length(e.tables) AS tables,
    (SELECT coalesce(sum((t ->> 'rows')::bigint), 0)::bigint FROM jsonb_array_elements(e.tables) AS t) AS rows,
    (SELECT count(*) FROM ledger_public.delivery_status WHERE held) AS held_datasets,
    (SELECT coalesce(string_agg(title_en || ': ' || reason_en, '; ' ORDER BY dataset), '')
     FROM ledger_public.delivery_status WHERE held) AS held_en,
    (SELECT coalesce(string_agg(title_zh || ':' || reason_zh, ';' ORDER BY dataset), '')
     FROM ledger_public.delivery_status WHERE held) AS held_zh
FROM ledger.edition_pointer AS q JOIN ledger.editions AS e USING (edition);

CREATE VIEW marts.edition_info AS SELECT * FROM ledger_public.edition_current;
