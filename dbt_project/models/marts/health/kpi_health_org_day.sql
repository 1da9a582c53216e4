{{ config(day_column='report_date', day_source='health__bed_day') }}

with days as (
    select * from {{ ref('stg_health__bed_days') }}
    where {{ touched('report_date') }}
),

totals as (
    select
        report_date,
        org_code,
        cast(sum(beds_open) as bigint) as bed_days_open,
        cast(sum(occupied) as bigint) as bed_days_occupied,
        cast(sum(admissions) as bigint) as admissions,
        cast(sum(discharges) as bigint) as discharges,
        cast(sum(deaths) as bigint) as deaths,
        cast(sum(discharged_bed_days) as bigint) as bed_days_discharged,
        cast(sum(outpatient_visits) as bigint) as outpatient_visits,
        cast(sum(emergency_visits) as bigint) as emergency_visits
    from days
    group by report_date, org_code
),

named as (
    select
        totals.*,
        coalesce(orgs.org_name, totals.org_code) as org_zh,
        coalesce(orgs.org_name_en, orgs.org_name, totals.org_code) as org_en,
        orgs.org_level,
        orgs.org_type,
        orgs.district_code
    from totals
    left join {{ ref('stg_health__institutions') }} as orgs on totals.org_code = orgs.org_code
)

select * from named
