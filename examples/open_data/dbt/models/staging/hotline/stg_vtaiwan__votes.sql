with votes as (
    select * from {{ source('open_data', 'hotline__vote') }}
)

select
    voter_no,
    comment_no,
    vote
from votes
