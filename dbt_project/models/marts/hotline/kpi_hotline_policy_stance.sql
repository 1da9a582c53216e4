with answers as (
    select * from {{ ref('stg_hotline__consultations') }}
),

totals as (
    select
        {{ month_of('responded_date') }} as month,
        policy_id,
        respondent_group,
        count(*) as answers,
        count_if(stance = 'support') as support_n,
        count_if(stance = 'oppose') as oppose_n,
        count_if(stance = 'ask') as ask_n,
        count_if(stance = 'neutral') as neutral_n,
        count_if(stance in ('support', 'oppose')) as stance_d
    from answers
    group by {{ month_of('responded_date') }}, policy_id, respondent_group
)

select * from totals
