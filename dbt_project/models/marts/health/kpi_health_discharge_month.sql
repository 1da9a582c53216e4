with stays as (
    select * from {{ ref('stg_health__discharges') }}
),

horizon as (
    select max(discharged_date) as until
    from stays
),

-- The next stay of the same patient, in whatever hospital.
followed as (
    select
        stays.*,
        lead(stays.admitted_date) over (
            partition by stays.patient_id_no
            order by stays.admitted_date, stays.discharged_date, stays.record_no, stays.admission_times
        ) as next_admitted_date,
        lead(stays.admission_route) over (
            partition by stays.patient_id_no
            order by stays.admitted_date, stays.discharged_date, stays.record_no, stays.admission_times
        ) as next_route,
        stays.patient_id_no is not null
        and stays.discharge_way not in ('death', 'transfer')
        and date_add(stays.discharged_date, 31) <= horizon.until as is_followed
    from stays
    cross join horizon
),

totals as (
    select
        {{ month_of('discharged_date') }} as month,
        org_code,
        count(*) as discharges,
        count_if(discharge_way = 'death') as deaths,
        cast(sum(stay_days) as bigint) as stay_days,
        cast(sum(cost_cny) as decimal(18, 2)) as cost_cny,
        cast(sum(cost_drug_cny) as decimal(18, 2)) as cost_drug_cny,
        count_if(is_followed) as followed_d,
        count_if(
            is_followed
            and next_route = 'emergency'
            and next_admitted_date between discharged_date and date_add(discharged_date, 31)
        ) as readmitted_n
    from followed
    group by {{ month_of('discharged_date') }}, org_code
),

named as (
    select
        totals.*,
        coalesce(orgs.org_name, totals.org_code) as org_zh,
        coalesce(orgs.org_name_en, orgs.org_name, totals.org_code) as org_en,
        orgs.district_code
    from totals
    left join {{ ref('stg_health__institutions') }} as orgs on totals.org_code = orgs.org_code
)

select * from named
