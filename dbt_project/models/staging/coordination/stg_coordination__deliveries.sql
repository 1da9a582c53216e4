with deliveries as (
    select * from {{ source('ledger', 'coordination__delivery') }}
)

select
    batch_id,
    dataset,
    dataset_en,
    dataset_zh,
    department,
    department_en,
    department_zh,
    domain,
    logical_date,
    revision,
    due_at,
    delivered_at,
    reason_en,
    reason_zh,
    case when status in ('landed', 'bronze', 'gated', 'staged') then 'running' else status end as status,
    case
        when status in ('held', 'unreadable') then 'hold'
        when status = 'missing' then 'missing'
        else verdict
    end as verdict
from deliveries
