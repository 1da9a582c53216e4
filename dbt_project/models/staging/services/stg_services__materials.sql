with materials as (
    select * from {{ source('silver', 'services__material') }}
)

select
    task_code,
    material_seq,
    source,
    is_required,
    is_required and source = 'applicant' as is_asked,
    is_required and source = 'applicant' and shareable_from is not null as is_replaceable
from materials
