-- One row per cause: what one department has to put right, over all of its deliveries that show it.

CREATE VIEW ledger_public.open_tasks AS
SELECT
    department, department_en, department_zh, contract_id, dataset, dataset_en, dataset_zh, rule, severity,
    (array_agg(title_en ORDER BY logical_date DESC NULLS LAST, incident_id DESC))[1] AS title_en,
    (array_agg(title_zh ORDER BY logical_date DESC NULLS LAST, incident_id DESC))[1] AS title_zh,
    count(*) AS deliveries, min(logical_date) AS first_date, max(logical_date) AS last_date,
    sum(rows)::bigint AS rows, sum(reopened)::bigint AS reopened, min(opened_at) AS opened_at,
    max(open_hours) AS open_hours, array_agg(incident_id ORDER BY incident_id) AS incidents, 'open' AS state
FROM ledger_public.open_incidents
GROUP BY
    department, department_en, department_zh, contract_id, dataset, dataset_en, dataset_zh, rule, severity;
