with offences as (
    select * from {{ ref('stg_taipei__offences') }}
),

kinds as (
    select *
    from
        values
        ('burglary', '住宅窃盗', 'Residential burglary'),
        ('bicycle_theft', '自行车窃盗', 'Bicycle theft'),
        ('motorcycle_theft', '机车窃盗', 'Motorcycle theft'),
        ('car_theft', '汽车窃盗', 'Car theft'),
        ('robbery', '强盗', 'Robbery'),
        ('snatching', '抢夺', 'Snatching')
            as kinds (kind, kind_zh, kind_en)
),

totals as (
    select
        month,
        kind,
        district,
        count(*) as offences,
        count_if(from_hour >= 22 or from_hour < 6) as at_night_n,
        count_if(from_hour is not null) as at_night_d
    from offences
    group by month, kind, district
),

named as (
    select
        totals.month,
        totals.kind,
        totals.district,
        totals.offences,
        totals.at_night_n,
        totals.at_night_d,
        coalesce(kinds.kind_zh, totals.kind) as kind_zh,
        coalesce(kinds.kind_en, totals.kind) as kind_en
    from totals
    left join kinds on totals.kind = kinds.kind
)

select * from named
