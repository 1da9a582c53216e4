with applications as (
    select * from {{ ref('int_services__applications') }}
    where district_code is not null
),

horizon as (
    select max(updated_at) as until
    from applications
),

finished as (
    select
        {{ month_of('finished_date') }} as month,
        district_code,
        dept_code,
        count(*) as finished,
        count_if(statutory_days is not null and used_days is not null) as statute_d,
        count_if(used_days <= statutory_days) as statute_n,
        sum(case when is_in_workdays then statutory_days else 0 end) as statutory_workdays,
        sum(case when is_in_workdays then promised_days else 0 end) as promised_workdays,
        sum(case when is_in_workdays and used_workdays >= 0 then used_workdays else 0 end) as used_workdays,
        sum(case when is_in_workdays and used_workdays >= 0 then promised_days else 0 end) as used_of_workdays,
        sum(visits) as visits,
        count_if(supplements = 0) as one_pass_n,
        count_if(channel in ('web', 'app') and visits = 0) as online_n,
        count_if(accepted_as = 'on_the_spot' and project_type = 'promised') as switched_n,
        sum(papers_asked) as papers_asked,
        sum(papers_replaceable) as papers_replaceable
    from applications
    where finished_date is not null
    group by {{ month_of('finished_date') }}, district_code, dept_code
),

-- What was promised for a month and is still open is late, not absent.
due as (
    select
        {{ month_of('applications.promised_date') }} as month,
        applications.district_code,
        applications.dept_code,
        count(*) as promise_d,
        count_if(applications.finished_at <= applications.promised_at) as promise_n
    from applications
    cross join horizon
    where applications.promised_at <= horizon.until
    group by {{ month_of('applications.promised_date') }}, applications.district_code, applications.dept_code
),

months as (
    select
        coalesce(finished.month, due.month) as month,
        coalesce(finished.district_code, due.district_code) as district_code,
        coalesce(finished.dept_code, due.dept_code) as dept_code,
        cast(coalesce(finished.finished, 0) as bigint) as finished,
        cast(coalesce(due.promise_n, 0) as bigint) as promise_n,
        cast(coalesce(due.promise_d, 0) as bigint) as promise_d,
        cast(coalesce(finished.statute_n, 0) as bigint) as statute_n,
        cast(coalesce(finished.statute_d, 0) as bigint) as statute_d,
        cast(coalesce(finished.statutory_workdays, 0) as bigint) as statutory_workdays,
        cast(coalesce(finished.promised_workdays, 0) as bigint) as promised_workdays,
        cast(coalesce(finished.used_workdays, 0) as bigint) as used_workdays,
        cast(coalesce(finished.used_of_workdays, 0) as bigint) as used_of_workdays,
        cast(coalesce(finished.visits, 0) as bigint) as visits,
        cast(coalesce(finished.one_pass_n, 0) as bigint) as one_pass_n,
        cast(coalesce(finished.online_n, 0) as bigint) as online_n,
        cast(coalesce(finished.switched_n, 0) as bigint) as switched_n,
        cast(coalesce(finished.papers_asked, 0) as bigint) as papers_asked,
        cast(coalesce(finished.papers_replaceable, 0) as bigint) as papers_replaceable
    from finished
    full outer join due
        on
            finished.month = due.month
            and finished.district_code = due.district_code
            and finished.dept_code = due.dept_code
)

select * from months
