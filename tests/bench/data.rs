//! The data the measurements stand on, as SQL: made by arithmetic, the same on every machine.

/// An audit trail over twelve monthly partitions: 60 % of the events have a parent, mostly a near one; one row in a
/// thousand is an orphan. The constraint stands before the rows come, past every check.
pub fn audit(rows: u64) -> String {
    let months: String = (1..=12)
        .map(|month| {
            let (year, next) = if month == 12 { (2026, 1) } else { (2025, month + 1) };
            format!(
                "CREATE TABLE audit_events_2025_{month:02} PARTITION OF audit_events
                   FOR VALUES FROM ('2025-{month:02}-01') TO ('{year}-{next:02}-01');"
            )
        })
        .collect();
    let days = rows + 1;
    format!(
        "CREATE TABLE audit_events (
           event_id uuid NOT NULL, event_date date NOT NULL, event_timestamp timestamptz NOT NULL,
           event_type varchar(64) NOT NULL, service varchar(64) NOT NULL, correlation_id uuid,
           parent_event_id uuid, parent_event_date date, outcome varchar(16), actor_name text, tenant_id int,
           resource_type varchar(32), resource_id bigint, source_ip inet, user_agent text, request_path text,
           status_code int, duration_ms int, severity smallint, host text, event_data jsonb NOT NULL,
           PRIMARY KEY (event_id, event_date),
           CONSTRAINT fk_audit_events_parent FOREIGN KEY (parent_event_id, parent_event_date)
             REFERENCES audit_events (event_id, event_date) ON DELETE RESTRICT
         ) PARTITION BY RANGE (event_date);
         {months}
         CREATE FUNCTION day(i bigint) RETURNS date LANGUAGE sql IMMUTABLE AS
           $$ SELECT date '2025-01-01' + (i * 365 / {days})::int $$;
         SET session_replication_role = replica;
         INSERT INTO audit_events
         SELECT md5(i::text)::uuid, day(i), day(i)::timestamptz + (i % 86400) * interval '1 second',
           (ARRAY['login', 'logout', 'create', 'update', 'delete', 'export', 'import', 'scan'])[1 + i % 8], 'svc-' || i % 40,
           md5('c' || i / 10)::uuid,
           CASE WHEN i > 1001 AND i % 5 < 3 THEN md5(CASE WHEN i % 1000 = 1 THEN 'orphan' || i ELSE parent::text END)::uuid END,
           CASE WHEN i > 1001 AND i % 5 < 3 THEN day(parent) END,
           CASE WHEN i % 20 = 0 THEN 'failure' ELSE 'success' END, 'actor ' || i % 5000, i % 300,
           'res_' || i % 25, i * 3, '10.0.0.0'::inet + i % 65536, 'Mozilla/5.0 (X11; Linux x86_64) agent/' || i % 30,
           '/api/v1/things/' || i % 100000, 200 + i % 5, i % 997, i % 7, 'host-' || i % 500 || '.example.net',
           jsonb_build_object('k', i, 'msg', 'event number ' || i, 'tags', jsonb_build_array('a', i % 9, 'b'))
         FROM (SELECT i, CASE WHEN i % 50 = 0 THEN 1 + (i * 7919) % i ELSE i - 1 - (i * 7919) % 1000 END AS parent
               FROM generate_series(1, {rows}::bigint) AS i) AS numbered;
         VACUUM (ANALYZE) audit_events;"
    )
}

/// The same audit trail before anybody knew the dates of its parents: the column that copies them is empty, and no
/// constraint stands.
pub fn undated(rows: u64) -> String {
    let script = audit(rows);
    let constraint =
        ",\n           CONSTRAINT fk_audit_events_parent FOREIGN KEY (parent_event_id, parent_event_date)
             REFERENCES audit_events (event_id, event_date) ON DELETE RESTRICT";
    let dates = "CASE WHEN i > 1001 AND i % 5 < 3 THEN day(parent) END,";
    assert!(script.contains(constraint) && script.contains(dates), "the audit trail is made otherwise now");
    script.replace(constraint, "").replace(dates, "NULL::date,")
}

/// Port scans of 100,000 hosts, 1,000 scanners and 10,000 campaigns; one row in a thousand is an orphan in each relation.
pub fn hosts(rows: u64) -> String {
    format!(
        "CREATE TABLE hosts (id bigint PRIMARY KEY, name text NOT NULL, os text);
         CREATE TABLE scanners (id bigint PRIMARY KEY, name text NOT NULL);
         CREATE TABLE campaigns (id bigint PRIMARY KEY, name text NOT NULL);
         CREATE TABLE port_scans (id bigint PRIMARY KEY, host_id bigint REFERENCES hosts,
           scanner_id bigint REFERENCES scanners, campaign_id bigint REFERENCES campaigns, port int NOT NULL,
           proto text NOT NULL, state text NOT NULL, banner text, scanned_at timestamptz NOT NULL);
         SET session_replication_role = replica;
         INSERT INTO hosts SELECT i, 'host-' || i || '.example.net', 'linux' FROM generate_series(1, 100000) AS i;
         INSERT INTO scanners SELECT i, 'scanner ' || i FROM generate_series(1, 1000) AS i;
         INSERT INTO campaigns SELECT i, 'campaign ' || i FROM generate_series(1, 10000) AS i;
         INSERT INTO port_scans SELECT i, {HOST}, {SCANNER}, {CAMPAIGN}, i % 65535, 'tcp',
           CASE WHEN i % 3 = 0 THEN 'open' ELSE 'closed' END, 'banner text ' || md5(i::text),
           timestamptz '2025-01-01' + i * interval '1 second' FROM generate_series(1, {rows}::bigint) AS i;
         VACUUM (ANALYZE) hosts, scanners, campaigns, port_scans;"
    )
}

const HOST: &str =
    "CASE WHEN i % 1000 = 1 THEN 100001 + (i * 7919) % 100000 ELSE 1 + (i * 7919) % 100000 END";
const SCANNER: &str = "CASE WHEN i % 1000 = 2 THEN 1001 + i % 500 ELSE 1 + (i * 31) % 1000 END";
const CAMPAIGN: &str =
    "CASE WHEN i % 10 = 9 THEN NULL WHEN i % 1000 = 3 THEN 10001 + i % 500 ELSE 1 + (i * 17) % 10000 END";

/// The same port scans for SQLite.
pub fn hosts_sqlite(rows: u64) -> String {
    format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
         CREATE TABLE hosts (id INTEGER PRIMARY KEY, name TEXT NOT NULL, os TEXT);
         CREATE TABLE scanners (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE campaigns (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE port_scans (id INTEGER PRIMARY KEY, host_id INTEGER REFERENCES hosts,
           scanner_id INTEGER REFERENCES scanners, campaign_id INTEGER REFERENCES campaigns, port INTEGER NOT NULL,
           proto TEXT NOT NULL, state TEXT NOT NULL, banner TEXT, scanned_at TEXT NOT NULL);
         BEGIN;
         INSERT INTO hosts SELECT value, 'host-' || value || '.example.net', 'linux' FROM generate_series(1, 100000);
         INSERT INTO scanners SELECT value, 'scanner ' || value FROM generate_series(1, 1000);
         INSERT INTO campaigns SELECT value, 'campaign ' || value FROM generate_series(1, 10000);
         INSERT INTO port_scans SELECT i, {HOST}, {SCANNER}, {CAMPAIGN}, i % 65535, 'tcp',
           CASE WHEN i % 3 = 0 THEN 'open' ELSE 'closed' END, 'banner text ' || i * 7919,
           datetime('2025-01-01', i || ' seconds') FROM (SELECT value AS i FROM generate_series(1, {rows}));
         COMMIT; ANALYZE;"
    )
}

/// The audit trail before anybody knew the dates of its parents, for SQLite: ids as text, so that parents lie anywhere.
pub fn undated_sqlite(rows: u64) -> String {
    let id = |number: &str| format!("substr(lower(hex(sha3({number}, 224))), 1, 32)");
    format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
         CREATE TABLE audit_events (event_rank INTEGER PRIMARY KEY, event_id TEXT NOT NULL, event_date TEXT NOT NULL,
           event_type TEXT NOT NULL, service TEXT NOT NULL, parent_event_id TEXT, parent_event_date TEXT, outcome TEXT,
           actor_name TEXT, resource_id INTEGER, source_ip TEXT, user_agent TEXT, request_path TEXT, status_code INTEGER,
           duration_ms INTEGER, host TEXT, event_data TEXT NOT NULL, UNIQUE (event_id, event_date));
         BEGIN;
         INSERT INTO audit_events SELECT i, {own}, date('2025-01-01', (i * 365 / {days}) || ' days'),
           'type ' || i % 8, 'svc-' || i % 40, CASE WHEN i > 1001 AND i % 5 < 3 THEN
             CASE WHEN i % 1000 = 1 THEN 'orphan' || i ELSE {parent} END END, NULL,
           CASE WHEN i % 20 = 0 THEN 'failure' ELSE 'success' END, 'actor ' || i % 5000, i * 3, '10.0.' || i % 256 || '.1',
           'Mozilla/5.0 (X11; Linux x86_64) agent/' || i % 30, '/api/v1/things/' || i % 100000, 200 + i % 5, i % 997,
           'host-' || i % 500 || '.example.net', json_object('k', i, 'msg', 'event number ' || i)
         FROM (SELECT value AS i, CASE WHEN value % 50 = 0 THEN 1 + (value * 7919) % value
               ELSE value - 1 - (value * 7919) % 1000 END AS parent FROM generate_series(1, {rows}));
         COMMIT; ANALYZE;",
        own = id("i"),
        parent = id("parent"),
        days = rows + 1,
    )
}

/// The columns of the audit trail on SQLite, with its primary key, which is no row id.
pub const AUDIT_COLUMNS: &str = "event_id TEXT NOT NULL, event_date TEXT NOT NULL, event_timestamp TEXT NOT NULL,
    event_type TEXT NOT NULL, service TEXT NOT NULL, correlation_id TEXT, parent_event_id TEXT, parent_event_date TEXT,
    outcome TEXT, actor_name TEXT, tenant_id INTEGER, resource_type TEXT, resource_id INTEGER, source_ip TEXT,
    user_agent TEXT, request_path TEXT, status_code INTEGER, duration_ms INTEGER, severity INTEGER, host TEXT,
    event_data TEXT NOT NULL, created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (event_id, event_date)";

/// The audit trail for SQLite, its parents dated and none of them missing, in WAL mode. Its ids are scattered as random
/// ones would be.
pub fn audit_sqlite(rows: u64) -> String {
    let id = |i: &str| {
        format!(
            "printf('%08x-%04x-%08x-%012x', ({i} * 2654435761) % 4294967296, {i} % 65536, ({i} * 40503) % 4294967296, {i})"
        )
    };
    let day = |i: &str| format!("date('2025-01-01', '+' || ({i} * 365 / {rows}) || ' days')");
    let (own, own_day, parent, parent_day) = (id("i"), day("i"), id("p"), day("p"));
    format!(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;
         CREATE TABLE audit_events ({AUDIT_COLUMNS});
         BEGIN;
         INSERT INTO audit_events
         SELECT {own}, {own_day}, {own_day} || ' 00:00:00', 'create', 'svc-' || i % 40, {own},
           CASE WHEN i > 1001 AND i % 5 < 3 THEN {parent} END, CASE WHEN i > 1001 AND i % 5 < 3 THEN {parent_day} END,
           'success', 'actor ' || i % 5000, i % 300, 'res_' || i % 25, i * 3, '10.0.0.' || i % 256,
           'Mozilla/5.0 (X11; Linux x86_64) agent/' || i % 30, '/api/v1/things/' || i % 100000, 200 + i % 5, i % 997, i % 7,
           'host-' || i % 500 || '.example.net', json_object('k', i, 'msg', 'event number ' || i, 'tags', json_array('a', i % 9)),
           '2025-01-01 00:00:00'
         FROM (SELECT value AS i, CASE WHEN value % 50 = 0 THEN 1 + (value * 7919) % value
                 ELSE value - 1 - (value * 7919) % 1000 END AS p FROM generate_series(1, {rows}));
         CREATE INDEX by_service ON audit_events (service, event_timestamp);
         COMMIT; ANALYZE; PRAGMA journal_mode = WAL;"
    )
}

/// A catalog: each table has a key, six columns, two foreign keys and an index on the first of them.
pub fn catalog(tables: u64) -> String {
    let mut script = String::from("BEGIN;\n");
    for number in 0..tables {
        let parent = |k: u64| if number == 0 { 0 } else { (number * 31 + k * 7) % number };
        script.push_str(&format!(
            "CREATE TABLE t{number} (id bigint PRIMARY KEY, name text NOT NULL, note text, amount numeric(12,2) DEFAULT 0, \
             created_at timestamp, r0_id bigint REFERENCES t{} (id), r1_id bigint REFERENCES t{} (id));\n\
             CREATE INDEX t{number}_r0 ON t{number} (r0_id);\n",
            parent(0),
            parent(1)
        ));
        if number % 200 == 199 {
            script.push_str("COMMIT; BEGIN;\n");
        }
    }
    script.push_str("COMMIT;\n");
    script
}

/// A catalog with something to count: `tables` tables of two hundred rows with a reference each, a third of them to one
/// hub, chains of thirty among the others; every fiftieth reference was never validated and has orphans.
pub fn busy(tables: u64) -> String {
    let mut script = String::from("BEGIN;\n");
    for number in 0..tables {
        script.push_str(&format!(
            "CREATE TABLE tab{number} (id int PRIMARY KEY, parent_id int, name text);\n\
             INSERT INTO tab{number} SELECT i, {}, 'row ' || i FROM generate_series(1, 200) AS i;\n\
             ALTER TABLE tab{number} ADD FOREIGN KEY (parent_id) REFERENCES tab{} (id){};\n",
            key(number),
            parent(number),
            if number % 50 == 1 { " NOT VALID" } else { "" }
        ));
        if number % 100 == 99 {
            script.push_str("COMMIT; BEGIN;\n");
        }
    }
    script.push_str("COMMIT;\nANALYZE;\n");
    script
}

/// The same for SQLite.
pub fn busy_sqlite(tables: u64) -> String {
    let mut script = String::from("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN;\n");
    for number in 0..tables {
        script.push_str(&format!(
            "CREATE TABLE tab{number} (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES tab{} (id), name TEXT);\n\
             INSERT INTO tab{number} SELECT i, {}, 'row ' || i FROM (SELECT value AS i FROM generate_series(1, 200));\n",
            parent(number),
            key(number)
        ));
    }
    script.push_str("COMMIT; ANALYZE;\n");
    script
}

fn parent(number: u64) -> u64 {
    if number.is_multiple_of(3) || number % 30 == 1 { 0 } else { number.saturating_sub(1) }
}

fn key(number: u64) -> &'static str {
    if number % 50 == 1 { "CASE WHEN i % 40 = 7 THEN 1000 + i ELSE i END" } else { "i" }
}
