-- Each comment twice: from the votes one by one, the last of each participant, and from the published matrix.
with compared as (
    select
        coalesce(votes.comment_no, published.comment_no) as comment_no,
        votes.vote,
        published.vote as vote_told,
        not coalesce(votes.vote = published.vote, false) as is_different
    from {{ ref('stg_vtaiwan__votes') }} as votes
    full outer join {{ ref('stg_vtaiwan__published_votes') }} as published
        on votes.voter_no = published.voter_no and votes.comment_no = published.comment_no
),

totals as (
    select
        comment_no,
        count(vote) as votes,
        count_if(vote = 1) as agree_n,
        count_if(vote = -1) as disagree_n,
        count_if(vote = 0) as pass_n,
        count(vote_told) as votes_told,
        count_if(is_different) as different_n
    from compared
    group by comment_no
)

select * from totals
