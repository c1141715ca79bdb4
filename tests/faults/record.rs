//! The record of a backfill: every row it names can be set back, whatever its key is made of, and no other.

use crate::support::{Database, Waif};

/// Keys of every sort that could be taken apart on the way: arrays with bounds of their own, domains over arrays,
/// composites, enums, types with a length. The copy is an array as well.
const SCHEMA: &str = "
CREATE DOMAIN road AS int[];
CREATE DOMAIN code AS varchar(20);
CREATE TYPE spot AS (x int, y int[]);
CREATE TYPE mood AS ENUM ('calm', 'wild');
CREATE TABLE parents(id int PRIMARY KEY, tags text[]);
INSERT INTO parents VALUES (1, '{a,NULL,\"b,c\"}'), (2, '{}'), (3, '[0:1]={x,y}'), (4, '{{p,q},{r,s}}'), (5, NULL);
CREATE TABLE children(steps int[], way road, at spot, how mood, name code, cost numeric(9,3), tag char(5),
  span tstzrange, parent int, tags text[], PRIMARY KEY (steps, way, at, how, name, cost, tag, span));
INSERT INTO children
SELECT CASE i % 4 WHEN 0 THEN '{}' WHEN 1 THEN ARRAY[i] WHEN 2 THEN ('[3:4]={' || i || ',NULL}')::int[] ELSE ARRAY[[i, 1], [2, 3]] END,
  CASE i % 3 WHEN 0 THEN '{}'::int[] WHEN 1 THEN ARRAY[i, i] ELSE ('[-1:0]={1,' || i || '}')::int[] END,
  ROW(CASE WHEN i % 7 > 0 THEN i END, ARRAY[i])::spot, (CASE WHEN i % 2 = 0 THEN 'calm' ELSE 'wild' END)::mood,
  'it''s \"' || i, i / 8.0, 'a' || i % 10, tstzrange('2026-01-01 00:00:00.123456Z', NULL),
  1 + i % 6, CASE WHEN i % 50 = 0 THEN '{own}'::text[] END
FROM generate_series(1, 600) AS i;
CREATE TABLE before AS TABLE children;
";
const COPY: &str = "[[copy]]
column = 'children.tags'
from = 'tags'
along = 'children(parent)->parents(id)'
";
const FILLED: &str = "SELECT count(*) FROM children c JOIN before b USING (steps, way, at, how, name, cost, tag, span) WHERE b.tags IS NULL AND c.tags IS NOT NULL";

struct Kept {
    database: Database,
    folder: tempfile::TempDir,
    plan: String,
    take_back: String,
}

impl Kept {
    fn filled(hint: &str) -> Self {
        let database = Database::with(hint, SCHEMA);
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("waif.toml"), COPY).expect("a file");
        let plan = folder.path().join("plan.json").display().to_string();
        let mut kept = Self { database, folder, plan, take_back: String::new() };
        let url = kept.database.url();
        let stage = [
            "plan",
            &url,
            "--stage",
            "backfill:children.tags",
            "--first-batch",
            "50",
            "--largest-batch",
            "100",
            "-o",
            &kept.plan,
        ];
        kept.waif(&stage);
        let name = kept.database.name();
        kept.waif(&["run", &url, &kept.plan, "--allow-writes", "--confirm", name]);
        let text = std::fs::read_to_string(&kept.plan).expect("a plan");
        let plan: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let steps = plan["steps"].as_array().expect("steps");
        let (place, step) =
            steps.iter().enumerate().find(|(_, step)| step["work"]["kind"] == "backfill").expect("the step");
        let told = step["undo"]["statements"][0].as_str().expect("a statement");
        let run = kept.database.ask("SELECT id FROM waif.run");
        kept.take_back = told.replace("RUN_STEP", &format!("{}_{place}", run.replace('-', "_")));
        kept
    }

    fn waif(&self, args: &[&str]) {
        let outcome = Waif::new(args).env("WAIF_CONFIG", self.folder.path().join("waif.toml")).run();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    }

    /// The table against what it was before, byte by byte: `=` would not see bounds.
    fn unlike_before(&self) -> u64 {
        self.database.count(
            "SELECT count(*) FROM (SELECT c::text FROM children c EXCEPT ALL SELECT b::text FROM before b) AS unlike",
        )
    }
}

#[test]
fn every_row_that_was_filled_can_be_set_back_and_no_other() {
    let kept = Kept::filled("kept");
    let fillable = "SELECT count(*) FROM before b JOIN parents p ON p.id = b.parent WHERE b.tags IS NULL AND p.tags IS NOT NULL";
    let fillable = kept.database.count(fillable);
    assert!(fillable > 300, "{fillable}");
    assert_eq!(kept.database.count(FILLED), fillable);
    let record = kept
        .database
        .ask("SELECT tablename FROM pg_tables WHERE schemaname = 'waif' AND tablename LIKE 'record%'");
    let lines = kept.database.count(&format!("SELECT count(*) FROM waif.\"{record}\""));
    let batches = kept.database.count("SELECT count(*) FROM waif.batch WHERE rows > 0");
    assert!(lines == batches && lines < fillable / 5, "a line for each batch: {lines}");
    // What somebody else makes of a row since is theirs.
    kept.database.execute(
        "UPDATE children SET tags = '{theirs}' WHERE cost = 1.125; UPDATE before SET tags = '{theirs}' WHERE cost = 1.125",
    );
    assert_eq!(kept.database.count(FILLED), fillable - 1, "the row that is theirs was filled before");
    kept.database.execute(&kept.take_back);
    assert_eq!(kept.unlike_before(), 0);
}

#[test]
fn what_was_filled_is_kept_as_it_was_bounds_and_all() {
    let kept = Kept::filled("bounds");
    let spread = kept.take_back.split_once(" FROM ").and_then(|(_, rest)| rest.split_once(" AS r WHERE"));
    let lines = spread.expect("the record, spread").0;
    let unlike = "SELECT count(*) FROM (SELECT r.k0::text, r.k1::text, r.k2::text, r.k3, r.k4, r.k5, r.k6, r.k7, r.fill::text FROM LINES AS r
        EXCEPT ALL SELECT b.steps::text, b.way::text, b.at::text, b.how, b.name, b.cost, b.tag, b.span, p.tags::text
        FROM before b JOIN parents p ON p.id = b.parent WHERE b.tags IS NULL AND p.tags IS NOT NULL) AS unlike";
    assert_eq!(kept.database.count(&unlike.replace("LINES", lines)), 0);
    let count = kept.database.count(&format!("SELECT count(*) FROM {lines} AS r"));
    assert_eq!(count, kept.database.count(FILLED));
}
