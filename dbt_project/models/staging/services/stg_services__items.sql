with items as (
    select * from {{ source('silver', 'services__item') }}
)

select
    task_code,
    task_version,
    item_name,
    dept_code,
    dept_name,
    dept_name_en,
    statutory_days,
    statutory_unit,
    promised_days,
    promised_unit,
    project_type,
    is_online,
    online_depth,
    status,
    valid_from,
    valid_to
from items
