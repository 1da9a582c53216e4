with applications as (
    select * from {{ source('silver', 'services__application') }}
)

select
    applied_date,
    application_id,
    task_code,
    dept_code,
    applicant_type,
    channel,
    accepted_at,
    promised_at,
    finished_at,
    accepted_as,
    project_type,
    result,
    status,
    visits,
    supplements,
    special_days,
    area_code,
    updated_at,
    coalesce(district_code, substr(area_code, 1, 6)) as district_code,
    to_date({{ local_time('accepted_at') }}) as accepted_date,
    to_date({{ local_time('promised_at') }}) as promised_date,
    to_date({{ local_time('finished_at') }}) as finished_date
from applications
