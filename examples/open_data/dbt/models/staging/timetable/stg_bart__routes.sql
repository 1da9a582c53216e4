select
    route_id,
    coalesce(route_long_name, route_short_name, route_id) as route_name
from {{ source('open_data', 'timetable__route') }}
