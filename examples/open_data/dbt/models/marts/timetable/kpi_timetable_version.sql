with accounts as (
    select * from {{ ref('stg_coordination__accounts') }}
    where table_key like 'timetable.%'
),

deliveries as (
    select * from {{ ref('fct_delivery') }}
    where is_current and status = 'done'
),

versions as (
    select
        deliveries.logical_date as version_date,
        substring(accounts.table_key, 11) as part,
        accounts.landed as rows_delivered,
        accounts.silver_new as rows_new,
        accounts.silver_updated as rows_changed,
        accounts.unchanged as rows_unchanged,
        accounts.duplicate + accounts.superseded as rows_repeated,
        accounts.quarantined as rows_quarantined
    from accounts
    inner join deliveries on accounts.batch_id = deliveries.batch_id
)

select * from versions
