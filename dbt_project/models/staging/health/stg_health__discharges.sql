with discharges as (
    select * from {{ source('silver', 'health__discharge') }}
)

select
    discharged_date,
    org_code,
    record_no,
    admission_times,
    patient_id_no,
    admission_route,
    discharge_way,
    stay_days,
    to_date({{ local_time('admitted_at') }}) as admitted_date,
    cast(cost_cny as decimal(18, 2)) as cost_cny,
    cast(cost_drug_cny as decimal(18, 2)) as cost_drug_cny
from discharges
