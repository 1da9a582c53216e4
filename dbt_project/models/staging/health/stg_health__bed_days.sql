with bed_days as (
    select * from {{ source('silver', 'health__bed_day') }}
)

select
    report_date,
    org_code,
    ward,
    beds_open,
    admissions,
    discharges,
    deaths,
    occupied,
    discharged_bed_days,
    outpatient_visits,
    emergency_visits
from bed_days
