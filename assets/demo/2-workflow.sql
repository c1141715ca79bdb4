-- Story 2: a workflow system whose references live in application code. A few were declared and then damaged; most of
-- those the application relies on were never declared; one column has another type than the one it refers to.
--
--   declared                                                 rows   orphans
--   config_versions.created_by          -> users               30        0
--   workflow_instances.vendor_id        -> vendor_master       400        0   SET NULL, but the column is NOT NULL
--   workflow_stages.workflow_instance_id-> workflow_instances 2012       12   instances 401 and 402 are gone, six stages each
--   atp_submissions.workflow_instance_id-> workflow_instances  600        0
--   atp_submissions.scope_id            -> atp_scope_master    600       30   INTEGER against TEXT: 20 is not '020'
--   atp_submission_documents.submission_id -> atp_submissions 1209        9   submission 601 is gone, nine documents
--   punchlist_items.punchlist_id        -> punchlists          800        0
--
--   expected, but declared nowhere: workflow_instances.config_version_id (five rows lost their frozen configuration),
--   workflow_instances.workspace_id, punchlists.workflow_instance_id, workspace_id of both masters

CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE workspaces (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE config_versions (
  id         TEXT PRIMARY KEY,
  created_by TEXT CONSTRAINT fk_config_versions_user REFERENCES users (id)
);
CREATE TABLE atp_scope_master (id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL, title TEXT NOT NULL);
CREATE TABLE vendor_master (id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE workflow_instances (
  id                INTEGER PRIMARY KEY,
  config_version_id TEXT NOT NULL,
  workspace_id      TEXT NOT NULL,
  vendor_id         TEXT NOT NULL
    CONSTRAINT fk_workflow_instances_vendor REFERENCES vendor_master (id) ON DELETE SET NULL,
  state             TEXT NOT NULL
);
CREATE TABLE workflow_stages (
  id                   INTEGER PRIMARY KEY,
  workflow_instance_id INTEGER NOT NULL
    CONSTRAINT fk_workflow_stages_instance REFERENCES workflow_instances (id) ON DELETE CASCADE,
  name                 TEXT NOT NULL
);
CREATE TABLE atp_submissions (
  id                   INTEGER PRIMARY KEY,
  workflow_instance_id INTEGER NOT NULL
    CONSTRAINT fk_atp_submissions_instance REFERENCES workflow_instances (id) ON DELETE RESTRICT,
  scope_id             INTEGER
    CONSTRAINT fk_atp_submissions_scope REFERENCES atp_scope_master (id) ON DELETE RESTRICT
);
CREATE TABLE atp_submission_documents (
  id            INTEGER PRIMARY KEY,
  submission_id INTEGER NOT NULL
    CONSTRAINT fk_atp_submission_documents_submission REFERENCES atp_submissions (id) ON DELETE CASCADE,
  file_name     TEXT NOT NULL
);
CREATE TABLE punchlists (id INTEGER PRIMARY KEY, workflow_instance_id INTEGER NOT NULL);
CREATE TABLE punchlist_items (
  id           INTEGER PRIMARY KEY,
  punchlist_id INTEGER NOT NULL CONSTRAINT fk_punchlist_items_list REFERENCES punchlists (id) ON DELETE CASCADE,
  done         INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX idx_config_versions_created_by ON config_versions (created_by);
CREATE INDEX idx_workflow_instances_vendor ON workflow_instances (vendor_id);
CREATE INDEX idx_workflow_stages_instance ON workflow_stages (workflow_instance_id);
CREATE INDEX idx_atp_submissions_instance ON atp_submissions (workflow_instance_id);
CREATE INDEX idx_atp_submissions_scope ON atp_submissions (scope_id);
CREATE INDEX idx_atp_submission_documents_submission ON atp_submission_documents (submission_id);
CREATE INDEX idx_punchlist_items_list ON punchlist_items (punchlist_id);

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 25)
INSERT INTO users SELECT 'user-' || n, 'User ' || n FROM numbers;
INSERT INTO workspaces VALUES ('7b0c0c52-0000-4000-8000-000000000001', 'North'), ('7b0c0c52-0000-4000-8000-000000000002', 'South');
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 30)
INSERT INTO config_versions SELECT 'config-' || n, CASE WHEN n > 5 THEN 'user-' || (1 + n % 25) END FROM numbers;

-- Scopes 1 .. 19 are written plainly. The twentieth came from a spreadsheet, with a leading zero.
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20)
INSERT INTO atp_scope_master
SELECT CASE WHEN n < 20 THEN '' || n ELSE '020' END, '7b0c0c52-0000-4000-8000-000000000001', 'Scope ' || n FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 12)
INSERT INTO vendor_master SELECT 'vendor-' || n, '7b0c0c52-0000-4000-8000-000000000002', 'Vendor ' || n FROM numbers;

-- config-31 was purged while five instances ran on it: no constraint froze it.
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 400)
INSERT INTO workflow_instances
SELECT n, 'config-' || CASE WHEN n % 80 = 0 THEN 31 ELSE 1 + n % 30 END,
       '7b0c0c52-0000-4000-8000-00000000000' || (1 + n % 2), 'vendor-' || (1 + n % 12), 'running'
FROM numbers;

-- Five stages for each of the 400 instances, six for each of two that were deleted.
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2012)
INSERT INTO workflow_stages
SELECT n, CASE WHEN n <= 2000 THEN 1 + (n - 1) / 5 ELSE 401 + n % 2 END, 'stage ' || (1 + n % 5) FROM numbers;

-- Every twentieth submission has scope 20: 600 / 20 = 30.
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 600)
INSERT INTO atp_submissions SELECT n, 1 + n % 400, 1 + n % 20 FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1209)
INSERT INTO atp_submission_documents
SELECT n, CASE WHEN n <= 1200 THEN 1 + (n - 1) / 2 ELSE 601 END, 'document-' || n || '.pdf' FROM numbers;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200)
INSERT INTO punchlists SELECT n, 1 + n % 400 FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 800)
INSERT INTO punchlist_items (id, punchlist_id, done) SELECT n, 1 + n % 200, n % 3 = 0 FROM numbers;
