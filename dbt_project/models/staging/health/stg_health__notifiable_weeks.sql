with notifiable_weeks as (
    select * from {{ source('silver', 'health__notifiable_week') }}
)

select
    to_date(date_trunc('week', week_end_date)) as week,
    district_code,
    disease,
    cases,
    deaths
from notifiable_weeks
