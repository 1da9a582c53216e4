with consultations as (
    select * from {{ source('silver', 'hotline__consultation') }}
)

select
    response_id,
    policy_id,
    respondent_group,
    stance,
    district_code,
    to_date({{ local_time('responded_at') }}) as responded_date
from consultations
