-- Story 3: a log that names rules and events by id and declares neither. Both were deleted over time.
--
--   declared                                    rows  null  orphans
--   alert_rules.team_id    -> teams               12     1        2   rules 9 and 10 belong to team t-9, which is gone
--   webhook_attempts.log_id-> webhook_logs       507     0        7   logs 2001 .. 2007 are gone; no index leads to them
--
--   declared nowhere: webhook_logs.alert_rule_id -> alert_rules and webhook_logs.event_id -> events. Rules 13 and 14 and
--   events 201 .. 210 were deleted with their logs left behind.

CREATE TABLE teams (id TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE alert_rules (
  id      TEXT PRIMARY KEY,
  team_id TEXT CONSTRAINT fk_alert_rules_team REFERENCES teams (id) ON DELETE SET NULL,
  name    TEXT NOT NULL
) STRICT;
CREATE TABLE events (id TEXT PRIMARY KEY, happened_at TEXT NOT NULL);
CREATE TABLE webhook_logs (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  alert_rule_id TEXT    NOT NULL,
  event_id      TEXT    NOT NULL,
  status        INTEGER NOT NULL,
  failed        INTEGER GENERATED ALWAYS AS (status >= 400) VIRTUAL
);
CREATE TABLE webhook_attempts (
  id     INTEGER PRIMARY KEY,
  log_id INTEGER NOT NULL CONSTRAINT fk_webhook_attempts_log REFERENCES webhook_logs (id) ON DELETE CASCADE,
  sent   TEXT    NOT NULL
);
CREATE INDEX idx_alert_rules_team_id ON alert_rules (team_id);
CREATE INDEX idx_webhook_logs_alert_rule_id ON webhook_logs (alert_rule_id);
CREATE INDEX idx_webhook_logs_event_id ON webhook_logs (event_id);
CREATE VIEW failed_webhooks AS SELECT id, alert_rule_id, event_id FROM webhook_logs WHERE failed;

INSERT INTO teams VALUES ('t-1', 'Operations'), ('t-2', 'Payments'), ('t-3', 'Search');
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 12)
INSERT INTO alert_rules
SELECT 'rule-' || n, CASE n WHEN 9 THEN 't-9' WHEN 10 THEN 't-9' WHEN 11 THEN NULL ELSE 't-' || (1 + n % 3) END, 'Rule ' || n
FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200)
INSERT INTO events SELECT 'event-' || n, datetime('2025-01-01', n || ' minutes') FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2000)
INSERT INTO webhook_logs (id, alert_rule_id, event_id, status)
SELECT n, 'rule-' || (1 + n % 14), 'event-' || (1 + n % 210), CASE WHEN n % 10 = 0 THEN 500 ELSE 200 END FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 507)
INSERT INTO webhook_attempts
SELECT n, CASE WHEN n <= 500 THEN 4 * n ELSE 1500 + n END, datetime('2025-01-02', n || ' minutes') FROM numbers;
