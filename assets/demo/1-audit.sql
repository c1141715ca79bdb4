-- Story 1: an audit trail that has to last seven years.
--
-- A child event names its parent by id. The parent's date was copied beside it later, to make the reference composite;
-- rows from before never got it. Under MATCH SIMPLE one NULL satisfies the key: the constraint is there, and the older
-- history is unprotected.
--
-- Events 1 .. 3000, ten a day from 2024-01-01 on. Every third event, n = 3, 6, .. 3000, is a child of event n - 2.
--   1000 children, hence 2000 rows without a parent
--    400 of them up to n = 1200, from before the copy: the date is NULL, so nobody checks them
--     40 of those, n = 30, 60, .. 1200, name a parent that does not exist: orphans that no constraint would ever see
--     30 later ones, n = 1260, 1320, .. 3000, hold a wrong copy: the parent's date, one day off
--     30 later ones, n = 1230, 1290, .. 2970, are true orphans: no event has the parent's id under any date
-- The engine rejects the last two groups: 60 orphans, each with a key of its own.

CREATE TABLE audit_events (
  event_id          TEXT NOT NULL,
  event_date        TEXT NOT NULL,
  event_timestamp   TEXT NOT NULL,
  event_type        TEXT NOT NULL,
  event_outcome     TEXT NOT NULL CHECK (event_outcome IN ('success', 'failure')),
  actor_id          TEXT,
  parent_event_id   TEXT,
  parent_event_date TEXT,
  event_data        TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY (event_id, event_date),
  CONSTRAINT fk_audit_events_parent FOREIGN KEY (parent_event_id, parent_event_date)
    REFERENCES audit_events (event_id, event_date) ON DELETE RESTRICT
);

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 3000)
INSERT INTO audit_events (event_id, event_date, event_timestamp, event_type, event_outcome, actor_id,
                          parent_event_id, parent_event_date)
SELECT printf('00000000-0000-4000-8000-%012d', n),
       date('2024-01-01', ((n - 1) / 10) || ' days'),
       datetime('2024-01-01', ((n - 1) / 10) || ' days', (n % 10) || ' hours'),
       CASE n % 4 WHEN 0 THEN 'config.update' WHEN 1 THEN 'login' WHEN 2 THEN 'export' ELSE 'approve' END,
       CASE WHEN n % 50 = 0 THEN 'failure' ELSE 'success' END,
       'user-' || (1 + n % 25),
       CASE WHEN n % 3 = 0 THEN printf('00000000-0000-4000-8000-%012d', n - 2) END,
       CASE WHEN n % 3 = 0 AND n > 1200 THEN date('2024-01-01', ((n - 3) / 10) || ' days') END
FROM numbers;

-- Parents that are nowhere: thirty later children and forty unprotected ones.
UPDATE audit_events SET parent_event_id = replace(parent_event_id, '-4000-8000-', '-4000-9000-')
 WHERE CAST(substr(event_id, -12) AS INTEGER) % 60 = 30 AND event_id > '00000000-0000-4000-8000-000000001200';
UPDATE audit_events SET parent_event_id = replace(parent_event_id, '-4000-8000-', '-4000-9000-')
 WHERE CAST(substr(event_id, -12) AS INTEGER) % 30 = 0 AND event_id <= '00000000-0000-4000-8000-000000001200';

-- Copies one day off.
UPDATE audit_events SET parent_event_date = date(parent_event_date, '1 day')
 WHERE CAST(substr(event_id, -12) AS INTEGER) % 60 = 0 AND event_id > '00000000-0000-4000-8000-000000001200';
