with outpatient_months as (
    select * from {{ source('silver', 'health__outpatient_month') }}
)

select
    to_date(date_trunc('month', month_end_date)) as month,
    org_code,
    ward,
    visits,
    emergency_visits,
    appointments,
    cast(income_cny as decimal(18, 2)) as income_cny,
    cast(income_drug_cny as decimal(18, 2)) as income_drug_cny,
    cast(income_health_check_cny as decimal(18, 2)) as income_health_check_cny
from outpatient_months
