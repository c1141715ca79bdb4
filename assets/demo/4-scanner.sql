-- Story 4: references violated by races. A clean-up deletes hosts and jobs while scanners write about them: the parent was
-- seen, then deleted, then the child was written.
--
--   declared                              rows  null  orphans
--   scan_jobs.target_id   -> scan_targets    60     0        2   target 6 went while jobs 59 and 60 started
--   port_scans.host_id    -> hosts         1500     0       15   hosts 98, 99 and 100, five late writes each
--   port_scans.job_id     -> scan_jobs     1500   150        0   every tenth scan is by hand
--   services.port_scan_id -> port_scans     700     0        4   scans 1501 .. 1504
--   host_history.host_id  -> hosts          300     0        6   hosts 98, 99 and 100, two each
--   host_history.job_id   -> scan_jobs      300     0        3   job 61

CREATE TABLE scheduled_jobs (id INTEGER PRIMARY KEY, cron TEXT NOT NULL);
CREATE TABLE discovery_jobs (id INTEGER PRIMARY KEY, started_at TEXT NOT NULL);
CREATE TABLE scan_targets (id INTEGER PRIMARY KEY, address TEXT NOT NULL);
CREATE TABLE hosts (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE scan_jobs (
  id        INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL CONSTRAINT fk_scan_jobs_target REFERENCES scan_targets (id)
);
CREATE TABLE port_scans (
  id      INTEGER PRIMARY KEY,
  host_id INTEGER NOT NULL CONSTRAINT fk_port_scans_host REFERENCES hosts (id) ON DELETE CASCADE,
  job_id  INTEGER CONSTRAINT fk_port_scans_job REFERENCES scan_jobs (id) ON DELETE CASCADE,
  port    INTEGER NOT NULL
);
CREATE TABLE services (
  id           INTEGER PRIMARY KEY,
  port_scan_id INTEGER NOT NULL CONSTRAINT fk_services_port_scan REFERENCES port_scans (id) ON DELETE CASCADE,
  name         TEXT
);
CREATE TABLE host_history (
  id      INTEGER PRIMARY KEY,
  host_id INTEGER NOT NULL CONSTRAINT fk_host_history_host REFERENCES hosts (id) ON DELETE CASCADE,
  job_id  INTEGER NOT NULL CONSTRAINT fk_host_history_job REFERENCES scan_jobs (id) ON DELETE CASCADE
);
CREATE INDEX idx_scan_jobs_target ON scan_jobs (target_id);
CREATE INDEX idx_port_scans_host ON port_scans (host_id);
CREATE INDEX idx_port_scans_job ON port_scans (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX idx_services_port_scan ON services (port_scan_id);
CREATE INDEX idx_host_history_host ON host_history (host_id);
CREATE INDEX idx_host_history_job ON host_history (job_id);

INSERT INTO scheduled_jobs VALUES (1, '0 3 * * *'), (2, '*/15 * * * *');
INSERT INTO discovery_jobs VALUES (1, '2025-03-01 03:00:00'), (2, '2025-03-02 03:00:00');
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5)
INSERT INTO scan_targets SELECT n, '10.0.' || n || '.0/24' FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 97)
INSERT INTO hosts SELECT n, 'host-' || n FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 60)
INSERT INTO scan_jobs SELECT n, CASE WHEN n < 59 THEN 1 + n % 5 ELSE 6 END FROM numbers;

-- Hosts 1 .. 97 in turn; the last fifteen scans are of hosts 98, 99 and 100.
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1500)
INSERT INTO port_scans
SELECT n, CASE WHEN n <= 1485 THEN 1 + n % 97 ELSE 98 + n % 3 END, CASE WHEN n % 10 <> 0 THEN 1 + n % 60 END, 1000 + n
FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 700)
INSERT INTO services SELECT n, CASE WHEN n <= 696 THEN 2 * n ELSE 804 + n END, 'service-' || n % 40 FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 300)
INSERT INTO host_history
SELECT n, CASE WHEN n <= 294 THEN 1 + n % 97 ELSE 98 + n % 3 END, CASE WHEN n > 3 THEN 1 + n % 60 ELSE 61 END FROM numbers;
