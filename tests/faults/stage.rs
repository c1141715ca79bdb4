//! The stage: a partitioned table with something to fill, its twin as one UPDATE leaves it, a plan that fills, indexes
//! and adds the key, and the one assertion every fault ends with.

use crate::support::program::Running;
use crate::support::{Database, Outcome, Server, Waif, waif};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// No fault takes longer than this to show, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_secs(240);

const SCHEMA: &str = "
CREATE TABLE events(id int, day date, parent int, parent_day date, note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2025-02-01') TO ('2025-03-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
INSERT INTO events SELECT i, date '2025-01-01' + i % 80, CASE WHEN i % 3 > 0 AND i > 10 THEN i - 7 END, NULL, repeat('x', 60)
  FROM generate_series(1, 12000) i;
UPDATE events SET parent = parent + 1000000 WHERE id % 100 = 1;
UPDATE events c SET parent_day = p.day FROM events p WHERE p.id = c.parent AND c.id % 500 = 2;
CREATE TABLE before AS SELECT id, day, parent_day FROM events;
CREATE TABLE twin AS SELECT * FROM events;
UPDATE twin c SET parent_day = p.day FROM events p WHERE p.id = c.parent AND c.parent_day IS NULL;
ANALYZE;
";

const RELATION: &str = "events(parent,parent_day)->events(id,day)";

const DIFFERENCE: &str = "SELECT (SELECT count(*) FROM (SELECT id, day, parent, parent_day, note FROM events EXCEPT ALL TABLE twin) a)
  + (SELECT count(*) FROM (TABLE twin EXCEPT ALL SELECT id, day, parent, parent_day, note FROM events) b)";

/// Sessions of a run that the server still works for.
const AT_WORK: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'waif/%'";

/// A database and a plan for it.
pub struct Stage {
    pub database: Database,
    pub plan: PathBuf,
    pub folder: TempDir,
    url: String,
}

impl Stage {
    /// On the server all tests share.
    pub fn set(hint: &str) -> Self {
        Self::of(Database::new(hint), None, &[])
    }

    /// With flags of `waif plan`.
    pub fn with(hint: &str, flags: &[&str]) -> Self {
        Self::of(Database::new(hint), None, flags)
    }

    /// On a server of its own, to be killed.
    pub fn alone(hint: &str, settings: &[&str]) -> Self {
        let server: &'static Server = Box::leak(Box::new(Server::start(settings)));
        Self::of(Database::on(server, hint), None, &[])
    }

    /// Behind a TCP port that leads to the shared server.
    pub fn behind(hint: &str, port: u16) -> Self {
        Self::of(Database::new(hint), Some(port), &[])
    }

    /// On a server of one's own that is there already.
    pub fn on(server: &'static Server, hint: &str, flags: &[&str]) -> Self {
        Self::of(Database::on(server, hint), None, flags)
    }

    /// The same plan against the database of the same name on another server.
    pub fn moved_to(&self, server: &'static Server) -> Self {
        let database = self.database.copied_to(server);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let plan = folder.path().join("plan.json");
        std::fs::copy(&self.plan, &plan).expect("a copy");
        let url = database.url();
        Self { database, plan, folder, url }
    }

    fn of(database: Database, port: Option<u16>, flags: &[&str]) -> Self {
        database.execute(SCHEMA);
        let url = match port {
            Some(port) => {
                format!("postgres://postgres@127.0.0.1:{port}/{}?sslmode=disable", database.name())
            }
            None => database.url(),
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let plan = folder.path().join("plan.json");
        let stage = Self { database, plan, folder, url };
        stage.make_plan(flags);
        stage
    }

    /// Makes the plan anew on the database as it is.
    pub fn make_plan(&self, flags: &[&str]) {
        let file = self.plan.display().to_string();
        let [index, key] = [format!("index:{RELATION}"), format!("add-fk:{RELATION}")];
        let mut args = vec!["plan", &self.url, "--stage", "backfill:events.parent_day"];
        args.extend(["--stage", &index, "--stage", &key]);
        // Batches as small as they can be: there shall be many instants to be killed at.
        args.extend(["--first-batch", "50", "--largest-batch", "100", "-o", &file]);
        args.extend(flags);
        let outcome = waif(args);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    }

    fn armed(&self, verb: &str, what: &str) -> Waif {
        Waif::new([verb, &self.url, what, "--allow-writes", "--confirm", self.database.name()])
    }

    /// `waif run` of the plan.
    pub fn run(&self) -> Waif {
        self.armed("run", &self.plan.display().to_string())
    }

    /// `waif resume` of the only run.
    pub fn resume(&self) -> Waif {
        self.armed("resume", &self.id())
    }

    /// The same past the proxy.
    pub fn resume_directly(&self) -> Waif {
        let (url, name) = (self.database.url(), self.database.name());
        Waif::new(["resume", &url, &self.id(), "--allow-writes", "--confirm", name])
    }

    /// What the background run said so far, the lines put together.
    pub fn words(&self) -> String {
        let said = std::fs::read_to_string(self.said()).unwrap_or_default();
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// `waif resume` of the only run, taking it from whoever holds it.
    pub fn take_over(&self) -> Waif {
        let name = self.database.name();
        Waif::new(["resume", &self.url, &self.id(), "--take-over", "--allow-writes", "--confirm", name])
    }

    /// The number of the only run.
    pub fn id(&self) -> String {
        self.database.ask("SELECT id FROM waif.run")
    }

    /// Where what background runs say is kept.
    pub fn said(&self) -> PathBuf {
        self.folder.path().join("said")
    }

    /// Starts the run and returns when it has done a few batches.
    pub fn under_way(&self) -> Running {
        let mut running = self.run().spawn_into(&self.said());
        self.until("a few batches", || {
            let ended = running.wait_for(Duration::ZERO).is_some();
            assert!(!ended || self.batches() >= 5, "it ended before: {}", self.words());
            self.batches() >= 5
        });
        running
    }

    /// Batches in the journal; 0 before there is one.
    pub fn batches(&self) -> u64 {
        match self.database.ask("SELECT to_regclass('waif.batch') IS NOT NULL").as_str() {
            "t" => self.database.count("SELECT count(*) FROM waif.batch"),
            _ => 0,
        }
    }

    /// Waits until something is so.
    pub fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            let said = std::fs::read_to_string(self.said()).unwrap_or_default();
            assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}; the program said:\n{said}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for the end of a background run; returns its exit code and what it said.
    pub fn end_of(&self, mut running: Running) -> (Option<i32>, String) {
        let status = running.wait_for(PATIENCE);
        let said = std::fs::read_to_string(self.said()).unwrap_or_default();
        let status = status.unwrap_or_else(|| panic!("it goes on and on; it said:\n{said}"));
        (status.code(), said)
    }

    /// Waits until no session of a run is left at the server.
    pub fn until_nobody_works(&self) {
        self.until("the end of the session", || self.database.count(AT_WORK) == 0);
    }

    /// The number of the backend that serves the run.
    pub fn backend(&self) -> String {
        self.database.ask("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'waif/%'")
    }

    /// THE assertion: the journal tells exactly what is in the table.
    pub fn the_journal_is_true(&self) {
        let filled = "SELECT count(*) FROM events e JOIN before b USING (id, day) WHERE b.parent_day IS NULL AND e.parent_day IS NOT NULL";
        let filled = self.database.count(filled);
        if self.database.ask("SELECT to_regclass('waif.step') IS NOT NULL") != "t" {
            assert_eq!(filled, 0, "without a journal nothing is filled");
            return;
        }
        let (mut recorded, mut true_to_it) = (0, 0);
        for lines in self.records() {
            recorded += self.database.count(&format!("SELECT count(*) FROM {lines} r"));
            true_to_it += self.database.count(&format!(
                "SELECT count(*) FROM {lines} r JOIN events e ON e.id = r.k0 AND e.day = r.k1 AND e.parent_day = r.fill"
            ));
        }
        let batches = self.database.count("SELECT coalesce(sum(rows), 0)::bigint FROM waif.batch");
        let steps = self.database.count("SELECT coalesce(sum(rows), 0)::bigint FROM waif.step");
        assert_eq!(
            [recorded, true_to_it, batches, steps],
            [filled; 4],
            "rows in the record, of them as recorded, in the batches, in the steps; and in the table"
        );
    }

    /// The records of the runs, each as a table with a line for every row that was filled.
    pub fn records(&self) -> Vec<String> {
        let names = self
            .database
            .ask("SELECT tablename FROM pg_tables WHERE schemaname = 'waif' AND tablename LIKE 'record%'");
        let lines = |name: &str| {
            format!("(SELECT unnest(k0) AS k0, unnest(k1) AS k1, unnest(fill) AS fill FROM waif.\"{name}\")")
        };
        names.lines().map(lines).collect()
    }

    /// The run ended, and everything is as an undisturbed run leaves it: the table as one UPDATE, the key proved on the
    /// table and on every partition, the index whole.
    pub fn ended_as_if_undisturbed(&self, outcome: &Outcome) {
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        self.the_journal_is_true();
        assert_eq!(self.database.count(DIFFERENCE), 0, "the table is not what one UPDATE makes of it");
        assert_eq!(self.database.ask("SELECT DISTINCT state FROM waif.step"), "finished");
        assert_eq!(self.database.ask("SELECT state FROM waif.run"), "finished");
        self.keys_are_proved();
    }

    /// Every key is proved, every index is whole.
    pub fn keys_are_proved(&self) {
        // What a server keeps of a key for each partition of the parent is never proved by older ones, and proves nothing.
        let unproved = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated AND confrelid = 'events'::regclass";
        assert_eq!(self.database.count(unproved), 0, "every key is proved");
        let keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND conrelid = 'events'::regclass";
        assert_eq!(self.database.count(keys), 1, "one key on the table");
        let lone = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND conrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'events'::regclass)";
        assert_eq!(self.database.count(lone), 0, "none on a partition alone");
        let broken = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";
        assert_eq!(self.database.count(broken), 0, "every index is whole");
        let indexes =
            "SELECT count(*) FROM pg_index WHERE indrelid = 'events'::regclass AND NOT indisprimary";
        assert_eq!(self.database.count(indexes), 1, "one index on the table");
    }

    /// Resumes and ends as if nothing had happened.
    pub fn resumes(&self) {
        self.until_nobody_works();
        self.the_journal_is_true();
        let outcome = self.resume().run();
        self.ended_as_if_undisturbed(&outcome);
    }
}
