with applications as (
    select * from {{ ref('stg_services__applications') }}
),

items as (
    select
        *,
        row_number() over (partition by task_code, valid_from order by task_version desc) as place
    from {{ ref('stg_services__items') }}
),

-- The version in force on a day is the newest that had begun.
versions as (
    select
        *,
        coalesce(
            date_sub(lead(valid_from) over (partition by task_code order by valid_from), 1), date '9999-12-31'
        ) as in_force_to
    from items
    where place = 1
),

papers as (
    select
        task_code,
        count_if(is_asked) as papers_asked,
        count_if(is_replaceable) as papers_replaceable
    from {{ ref('stg_services__materials') }}
    group by task_code
),

timed as (
    select
        applications.*,
        versions.statutory_days,
        versions.promised_days,
        versions.statutory_unit = 'workday' and versions.promised_unit = 'workday' as is_in_workdays,
        coalesce(papers.papers_asked, 0) as papers_asked,
        coalesce(papers.papers_replaceable, 0) as papers_replaceable,
        case versions.statutory_unit
            when 'workday' then finished.workday_number - accepted.workday_number
            when 'day' then datediff(applications.finished_date, applications.accepted_date)
        end - applications.special_days as used_days,
        finished.workday_number - accepted.workday_number as used_workdays
    from applications
    left join versions
        on
            applications.task_code = versions.task_code
            and applications.applied_date between versions.valid_from and versions.in_force_to
    left join papers on applications.task_code = papers.task_code
    left join {{ ref('dim_date') }} as accepted on applications.accepted_date = accepted.date
    left join {{ ref('dim_date') }} as finished on applications.finished_date = finished.date
)

select * from timed
