with months as (
    select
        month,
        org_code,
        cast(sum(visits) as bigint) as visits,
        cast(sum(emergency_visits) as bigint) as emergency_visits,
        cast(sum(least(appointments, visits)) as bigint) as appointments,
        cast(sum(income_cny) as decimal(18, 2)) as income_cny,
        cast(sum(income_drug_cny) as decimal(18, 2)) as income_drug_cny,
        cast(sum(income_health_check_cny) as decimal(18, 2)) as income_health_check_cny
    from {{ ref('stg_health__outpatient_months') }}
    group by month, org_code
),

named as (
    select
        months.*,
        coalesce(orgs.org_name, months.org_code) as org_zh,
        coalesce(orgs.org_name_en, orgs.org_name, months.org_code) as org_en,
        orgs.org_type,
        orgs.district_code,
        case when orgs.org_type = 'community_centre' then months.visits else 0 end as community_visits
    from months
    left join {{ ref('stg_health__institutions') }} as orgs on months.org_code = orgs.org_code
)

select * from named
