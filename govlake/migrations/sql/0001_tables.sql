-- The ledger's tables: what was delivered, what became of every row, who must do something about it.

CREATE TABLE ledger.departments (
    department text PRIMARY KEY,
    title_en text NOT NULL,
    title_zh text NOT NULL
);

-- One row per table that a contract promises.
CREATE TABLE ledger.datasets (
    dataset text PRIMARY KEY,
    contract_id text NOT NULL,
    domain text NOT NULL,
    department text NOT NULL REFERENCES ledger.departments,
    title_en text NOT NULL,
    title_zh text NOT NULL,
    contract_title_en text NOT NULL,
    contract_title_zh text NOT NULL,
    contract_version text NOT NULL,
    fingerprint text NOT NULL,
    frequency_days integer NOT NULL,
    due_time time NOT NULL,
    grace_days integer NOT NULL,
    timezone text NOT NULL,
    optional boolean NOT NULL DEFAULT false,
    pack text NOT NULL DEFAULT '',
    active boolean NOT NULL DEFAULT true,
    registered_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON ledger.datasets (contract_id);

-- One row per delivery. `declared` holds the rows landed per table, as counted by the reader.
CREATE TABLE ledger.batches (
    batch_id text PRIMARY KEY,
    contract_id text NOT NULL,
    department text NOT NULL REFERENCES ledger.departments,
    logical_date date NOT NULL,
    revision integer NOT NULL,
    sha256 text,
    bytes bigint NOT NULL DEFAULT 0,
    source text NOT NULL DEFAULT '',
    fetched_at timestamptz,
    declared jsonb NOT NULL DEFAULT '{}',
    detail jsonb NOT NULL DEFAULT '{}',
    fingerprint text NOT NULL DEFAULT '',
    status text NOT NULL CHECK (
        status IN ('landed', 'bronze', 'gated', 'staged', 'done', 'held', 'unreadable', 'missing')
    ),
    verdict text CHECK (verdict IN ('pass', 'flag', 'hold')),
    reason_en text NOT NULL DEFAULT '',
    reason_zh text NOT NULL DEFAULT '',
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    attempts integer NOT NULL DEFAULT 1,
    UNIQUE (contract_id, logical_date, revision),
    CHECK (NOT (status = 'done' AND verdict = 'hold'))
);

-- One row per batch, table and recording; the latest one counts. A sum that does not close cannot be written.
CREATE TABLE ledger.batch_accounts (
    account_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id text NOT NULL REFERENCES ledger.batches,
    dataset text NOT NULL,
    attempt integer NOT NULL,
    landed bigint NOT NULL CHECK (landed >= 0),
    bronze bigint NOT NULL CHECK (bronze >= 0),
    silver_new bigint NOT NULL CHECK (silver_new >= 0),
    silver_updated bigint NOT NULL CHECK (silver_updated >= 0),
    unchanged bigint NOT NULL CHECK (unchanged >= 0),
    duplicate bigint NOT NULL CHECK (duplicate >= 0),
    superseded bigint NOT NULL CHECK (superseded >= 0),
    quarantined bigint NOT NULL CHECK (quarantined >= 0),
    verdict text NOT NULL CHECK (verdict IN ('pass', 'flag', 'hold')),
    reasons jsonb NOT NULL DEFAULT '{}',
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_closes CHECK (
        landed = bronze
        AND bronze = silver_new + silver_updated + unchanged + duplicate + superseded + quarantined
    )
);
CREATE INDEX ON ledger.batch_accounts (batch_id, dataset, account_id DESC);
CREATE INDEX ON ledger.batch_accounts (dataset);

-- What is in quarantine now, by cause. Sample rows are as delivered and stay inside the ledger.
CREATE TABLE ledger.quarantine_reasons (
    batch_id text NOT NULL REFERENCES ledger.batches,
    dataset text NOT NULL,
    rule text NOT NULL,
    rows bigint NOT NULL,
    share double precision,
    message_en text NOT NULL DEFAULT '',
    message_zh text NOT NULL DEFAULT '',
    owner text NOT NULL DEFAULT '',
    sample_rows jsonb NOT NULL DEFAULT '[]',
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (batch_id, dataset, rule)
);

-- One row per judgement of one gate on one batch (or on one mart build, for gate 3).
CREATE TABLE ledger.gate_verdicts (
    judgement bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id text NOT NULL,
    gate text NOT NULL,
    attempt integer NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('pass', 'flag', 'hold')),
    judged_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON ledger.gate_verdicts (batch_id, gate, judgement DESC);

CREATE TABLE ledger.gate_results (
    judgement bigint NOT NULL REFERENCES ledger.gate_verdicts,
    dataset text NOT NULL,
    rule text NOT NULL,
    dimension text NOT NULL,
    severity text NOT NULL,
    assessable boolean NOT NULL,
    passed boolean NOT NULL,
    a double precision,
    b double precision,
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    message_en text NOT NULL,
    message_zh text NOT NULL,
    owner text NOT NULL
);
CREATE INDEX ON ledger.gate_results (judgement);

-- One row per cause: the same rule failing on the same table of the same date is the same incident.
CREATE TABLE ledger.incidents (
    incident_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    department text NOT NULL,
    contract_id text NOT NULL,
    dataset text NOT NULL DEFAULT '',
    logical_date date,
    batch_id text,
    rule text NOT NULL,
    severity text NOT NULL,
    title_en text NOT NULL,
    title_zh text NOT NULL,
    rows bigint,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    closed_by_batch text,
    reopened integer NOT NULL DEFAULT 0,
    UNIQUE NULLS NOT DISTINCT (contract_id, dataset, logical_date, rule),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);

CREATE TABLE ledger.incident_events (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id bigint NOT NULL REFERENCES ledger.incidents,
    event text NOT NULL CHECK (event IN ('opened', 'seen_again', 'reopened', 'closed')),
    batch_id text,
    rows bigint,
    detail jsonb NOT NULL DEFAULT '{}',
    happened_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON ledger.incident_events (incident_id, event_id DESC);

CREATE TABLE ledger.mart_builds (
    build_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    domain text NOT NULL,
    model text NOT NULL,
    rows bigint,
    seconds double precision,
    inputs jsonb NOT NULL DEFAULT '{}',
    verdict text NOT NULL CHECK (verdict IN ('pass', 'flag', 'hold')),
    detail jsonb NOT NULL DEFAULT '{}',
    built_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON ledger.mart_builds (domain, model, build_id DESC);

-- What was published. Which edition is shown is the pointer's business, so these rows never change.
CREATE TABLE ledger.editions (
    edition integer PRIMARY KEY,
    schema_name text NOT NULL UNIQUE,
    published_at timestamptz NOT NULL DEFAULT now(),
    fingerprint text NOT NULL,
    tables jsonb NOT NULL,
    held jsonb NOT NULL DEFAULT '[]'
);

CREATE TABLE ledger.edition_prunes (
    edition integer PRIMARY KEY REFERENCES ledger.editions,
    pruned_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ledger.edition_pointer (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    edition integer NOT NULL REFERENCES ledger.editions,
    pointed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ledger.audit (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_at timestamptz NOT NULL DEFAULT now(),
    who text NOT NULL,
    what text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
);

-- How far a connector has read its source.
CREATE TABLE ledger.cursors (
    name text PRIMARY KEY,
    value jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
