with votes as (
    select * from {{ source('open_data', 'hotline__vote_matrix') }}
)

select
    voter_no,
    comment_no,
    vote
from votes
