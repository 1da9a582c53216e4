with calls as (
    select
        {{ month_of('called_date') }} as month,
        district_code,
        sum(incidents) as incidents,
        sum(case when call_class = 'criminal' then incidents else 0 end) as criminal_incidents
    from {{ ref('kpi_safety_call_day') }}
    group by {{ month_of('called_date') }}, district_code
),

cases as (
    select
        month,
        district_code,
        sum(filed) as filed,
        sum(case when case_type = 'criminal' then filed else 0 end) as filed_criminal,
        sum(case when case_type = 'public_order' then filed else 0 end) as filed_public_order,
        sum(case when cause = 'telecom_fraud' then filed else 0 end) as filed_telecom_fraud
    from {{ ref('kpi_safety_case_month') }}
    group by month, district_code
),

residents as (
    select * from {{ ref('dim_population') }}
    where definition = 'resident' and source = 'city.population' and level = 'district'
),

joined as (
    select
        calls.month,
        calls.district_code,
        cast(calls.incidents as bigint) as incidents,
        cast(calls.criminal_incidents as bigint) as criminal_incidents,
        cast(coalesce(cases.filed, 0) as bigint) as filed,
        cast(coalesce(cases.filed_criminal, 0) as bigint) as filed_criminal,
        cast(coalesce(cases.filed_public_order, 0) as bigint) as filed_public_order,
        cast(coalesce(cases.filed_telecom_fraud, 0) as bigint) as filed_telecom_fraud,
        residents.people as residents
    from calls
    left join cases on calls.month = cases.month and calls.district_code = cases.district_code
    left join residents
        on
            calls.district_code = residents.area_code
            and last_day(calls.month) between residents.valid_from and residents.valid_to
)

select * from joined
