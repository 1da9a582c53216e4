with cases as (
    select * from {{ ref('stg_safety__cases') }}
    where district_code is not null
),

-- Reports end with the last change that anybody noted: a cohort is complete when its time is up by then.
horizon as (
    select max(updated_date) as until
    from cases
),

filed as (
    select
        {{ month_of('cases.filed_date') }} as month,
        cases.district_code,
        cases.case_type,
        cases.cause,
        count(*) as filed,
        count_if(date_add(last_day(cases.filed_date), 180) <= horizon.until) as cohort_180_d,
        count_if(
            date_add(last_day(cases.filed_date), 180) <= horizon.until
            and cases.cleared_date between cases.filed_date and date_add(cases.filed_date, 180)
        ) as cohort_180_n,
        count_if(date_add(last_day(cases.filed_date), 90) <= horizon.until) as cohort_90_d,
        count_if(
            date_add(last_day(cases.filed_date), 90) <= horizon.until
            and cases.cleared_date between cases.filed_date and date_add(cases.filed_date, 90)
        ) as cohort_90_n
    from cases
    cross join horizon
    where cases.filed_date is not null
    group by {{ month_of('cases.filed_date') }}, cases.district_code, cases.case_type, cases.cause
),

cleared as (
    select
        {{ month_of('cleared_date') }} as month,
        district_code,
        case_type,
        cause,
        count(*) as cleared
    from cases
    where cleared_date is not null
    group by {{ month_of('cleared_date') }}, district_code, case_type, cause
),

months as (
    select
        coalesce(filed.month, cleared.month) as month,
        coalesce(filed.district_code, cleared.district_code) as district_code,
        coalesce(filed.case_type, cleared.case_type) as case_type,
        coalesce(filed.cause, cleared.cause) as cause,
        coalesce(filed.filed, 0) as filed,
        coalesce(cleared.cleared, 0) as cleared,
        coalesce(filed.cohort_90_n, 0) as cohort_90_n,
        coalesce(filed.cohort_90_d, 0) as cohort_90_d,
        coalesce(filed.cohort_180_n, 0) as cohort_180_n,
        coalesce(filed.cohort_180_d, 0) as cohort_180_d
    from filed
    full outer join cleared
        on
            filed.month = cleared.month
            and filed.district_code = cleared.district_code
            and filed.case_type = cleared.case_type
            and filed.cause = cleared.cause
)

select * from months
