-- One case has one rating: the last one that no appeal struck out. Good by default is counted, never averaged in.
with ratings as (
    select
        *,
        row_number() over (partition by application_id order by rated_at desc, rating_id desc) as place
    from {{ ref('stg_services__ratings') }}
    where appeal_status <> 'upheld'
),

applications as (
    select * from {{ ref('stg_services__applications') }}
    where finished_date is not null and district_code is not null
),

joined as (
    select
        {{ month_of('applications.finished_date') }} as month,
        applications.district_code,
        applications.dept_code,
        ratings.score,
        ratings.is_voluntary
    from applications
    left join ratings on applications.application_id = ratings.application_id and ratings.place = 1
),

totals as (
    select
        month,
        district_code,
        dept_code,
        count(*) as finished,
        count_if(score is not null) as rated,
        count_if(coalesce(is_voluntary, false)) as voluntary_n,
        count_if(not coalesce(is_voluntary, true)) as default_n,
        count_if(is_voluntary and score >= 3) as good_n,
        count_if(is_voluntary and score <= 2) as bad_n
    from joined
    group by month, district_code, dept_code
)

select * from totals
