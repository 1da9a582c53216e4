with services as (
    select * from {{ source('open_data', 'timetable__calendar') }}
)

select
    service_id,
    monday and tuesday and wednesday and thursday and friday and not saturday and not sunday as is_weekday
from services
