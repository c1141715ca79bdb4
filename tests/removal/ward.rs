//! A ward: a database with rows without a parent, what is staged for it, and the checksums of its tables.

use crate::support::program::Running;
use crate::support::{Database, Outcome, Waif, waif};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// No fault takes longer than this to show, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(240);

/// A database and the plans made for it.
pub struct Ward {
    pub database: Database,
    pub plan: PathBuf,
    folder: TempDir,
    url: String,
}

impl Ward {
    /// A database filled by a script.
    pub fn of(hint: &str, schema: &str) -> Self {
        Self::on(Database::with(hint, schema))
    }

    pub fn on(database: Database) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let plan = folder.path().join("plan.json");
        let url = database.url();
        Self { database, plan, folder, url }
    }

    /// The same for another role.
    pub fn becomes(&mut self, role: &str) {
        self.url = self.database.url_as(role);
    }

    /// `waif plan` with these actions, whatever it comes to.
    pub fn plans(&self, actions: &[&str], flags: &[&str]) -> Outcome {
        let file = self.plan.display().to_string();
        let mut args = vec!["plan", self.url.as_str(), "-o", &file];
        for action in actions {
            args.extend(["--stage", action]);
        }
        args.extend(flags);
        waif(args)
    }

    /// The same, which must not be refused.
    pub fn plan(&self, actions: &[&str]) -> String {
        self.plan_with(actions, &[])
    }

    pub fn plan_with(&self, actions: &[&str], flags: &[&str]) -> String {
        let outcome = self.plans(actions, flags);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        outcome.stdout
    }

    /// The plan must be refused; what is said.
    pub fn refused(&self, actions: &[&str]) -> String {
        let outcome = self.plans(actions, &[]);
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        // The text is wrapped: what is looked for may be broken over lines.
        outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub fn armed(&self, verb: &str, what: &str, flags: &[&str]) -> Waif {
        let mut args =
            vec![verb, self.url.as_str(), what, "--allow-writes", "--confirm", self.database.name()];
        args.extend(flags);
        Waif::new(args)
    }

    /// `waif run` of the plan.
    pub fn run(&self) -> Waif {
        self.armed("run", &self.plan.display().to_string(), &[])
    }

    /// Plans and runs to the end.
    pub fn mended(&self, actions: &[&str]) {
        self.plan(actions);
        self.runs();
    }

    pub fn runs(&self) {
        let outcome = self.run().run();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    }

    /// The number of the newest run.
    pub fn id(&self) -> String {
        self.database.ask("SELECT id FROM waif.run ORDER BY started_at DESC LIMIT 1")
    }

    /// `waif restore` of the newest run.
    pub fn restore(&self, flags: &[&str]) -> Outcome {
        self.armed("restore", &self.id(), flags).run()
    }

    /// The same, which must bring everything back.
    pub fn restored(&self) -> String {
        let outcome = self.restore(&[]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        assert_eq!(self.held(), 0, "nothing is left in the stores: {outcome:#?}");
        outcome.stdout
    }

    /// A checksum and the number of rows of every table outside of the journal.
    pub fn sums(&self) -> BTreeMap<String, String> {
        self.sums_of("c.relkind IN ('r', 'p')")
    }

    /// The same of some tables.
    fn sums_of(&self, which: &str) -> BTreeMap<String, String> {
        let names = self.database.ask(&format!(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE {which} AND n.nspname NOT IN ('waif', 'pg_catalog', 'information_schema', 'pg_toast')
               AND n.nspname !~ '^pg_temp' ORDER BY 1"
        ));
        names.lines().map(|name| (name.to_owned(), self.sum(name))).collect()
    }

    /// The number and a checksum of rows.
    fn sum(&self, rows: &str) -> String {
        self.database.ask(&format!(
            "SELECT count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' ORDER BY t::text COLLATE \"C\")), '') FROM {rows} AS t"
        ))
    }

    /// What the step reaches that takes most rows away: table, level, what becomes of them, rows.
    pub fn reach(&self) -> Vec<(String, u64, String, u64)> {
        let text = std::fs::read_to_string(&self.plan).expect("a plan");
        let plan: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let steps = plan["steps"].as_array().expect("steps");
        let lines = steps.iter().filter_map(|step| step["reach"].as_array()).flatten();
        lines
            .map(|line| {
                let text = |name: &str| line[name].as_str().expect("text").to_owned();
                let number = |name: &str| line[name].as_u64().expect("a number");
                (text("table"), number("level"), text("what"), number("rows"))
            })
            .collect()
    }

    /// The store whose name begins so, as SQL names it.
    pub fn store(&self, begins: &str) -> String {
        format!(
            "waif.\"{}\"",
            self.database.ask(&format!("SELECT name FROM waif.store WHERE name LIKE '{begins}%'"))
        )
    }

    /// Rows in all stores.
    pub fn held(&self) -> u64 {
        if self.database.ask("SELECT to_regclass('waif.store') IS NOT NULL") != "t" {
            return 0;
        }
        let stores = self.database.ask("SELECT name FROM waif.store ORDER BY name");
        stores
            .lines()
            .map(|store| self.database.count(&format!("SELECT count(*) FROM waif.\"{store}\"")))
            .sum()
    }

    /// Checksums of the tables as if they still had what the stores hold: rows are laid beside those left, overwritten
    /// values over those there now, inserted parents are left out. Partitions are part of their table.
    pub fn conserved(&self) -> BTreeMap<String, String> {
        let mut sums = self.sums_of("c.relkind IN ('r', 'p') AND NOT c.relispartition");
        if self.database.ask("SELECT to_regclass('waif.store') IS NOT NULL") != "t" {
            return sums;
        }
        for (table, sum) in &mut sums {
            let whole = whole(&self.database, table);
            *sum = self.sum(&whole);
        }
        sums
    }

    /// THE assertion: the journal tells exactly what is in the stores.
    pub fn the_journal_is_true(&self) {
        if self.database.ask("SELECT to_regclass('waif.step') IS NOT NULL") != "t" {
            assert_eq!(self.held(), 0, "without a journal nothing is held");
            return;
        }
        let batches = "SELECT coalesce(sum(rows), 0)::bigint FROM waif.batch";
        let steps = "SELECT coalesce(sum(rows), 0)::bigint FROM waif.step";
        let [batches, steps] = [batches, steps].map(|sum| self.database.count(sum));
        assert_eq!(
            [batches, steps],
            [self.held(); 2],
            "rows by the batches, by the steps; and in the stores"
        );
    }

    /// Where background runs say what they say.
    pub fn said(&self) -> PathBuf {
        self.folder.path().join("said")
    }

    /// What they said so far, the lines put together.
    pub fn words(&self) -> String {
        let said = std::fs::read_to_string(self.said()).unwrap_or_default();
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Waits until something is so.
    pub fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}; it said: {}", self.words());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until no session of the program is left at the server.
    pub fn until_nobody_works(&self) {
        let at_work = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'waif/%'";
        self.until("the end of the session", || self.database.count(at_work) == 0);
    }

    /// The exit code of a background run that is to end by itself.
    pub fn end_of(&self, mut running: Running) -> Option<i32> {
        let status = running.wait_for(PATIENCE);
        status.unwrap_or_else(|| panic!("it goes on and on; it said: {}", self.words())).code()
    }
}

/// A query for the rows a table had before anything left it.
fn whole(database: &Database, table: &str) -> String {
    let stores = database.ask(&format!(
        "SELECT name, kind, prefix FROM waif.store WHERE format('%I.%I', schema_name, table_name) = '{table}' ORDER BY made_at, name"
    ));
    let columns = |of: &str| -> Vec<String> {
        let names = database.ask(&format!(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = '{of}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        ));
        names.lines().map(str::to_owned).collect()
    };
    let own = columns(table);
    let mut from = format!("SELECT * FROM {table}");
    let mut over = Vec::new();
    for store in stores.lines() {
        let [name, kind, prefix] = store.split('|').collect::<Vec<_>>()[..] else { panic!("{store}") };
        let store = format!("waif.{name}");
        let kept: Vec<String> =
            columns(&store).into_iter().filter(|name| !name.starts_with(prefix)).collect();
        if kind == "values" {
            // The key first, then what was overwritten, then as many columns of what was written.
            let given =
                columns(&store).iter().filter(|name| name.starts_with(&format!("{prefix}given"))).count();
            over.push((store, prefix.to_owned(), kept.len() - given, kept));
        } else if name.starts_with("adopted_") {
            from = format!("{from} EXCEPT ALL SELECT {} FROM {store}", own.join(", "));
        } else {
            from = format!("{from} UNION ALL SELECT {} FROM {store}", own.join(", "));
        }
    }
    let mut shown: Vec<String> = own.iter().map(|column| format!("t.{column}")).collect();
    let mut beside = String::new();
    for (at, (store, prefix, keys, kept)) in over.iter().enumerate() {
        let key = kept[..*keys].join(", ");
        beside.push_str(&format!(
            " LEFT JOIN (SELECT DISTINCT ON ({key}) {} FROM {store} ORDER BY {key}, {prefix}seq) AS v{at} USING ({key})",
            kept.join(", ")
        ));
        for column in &kept[*keys..] {
            let place = own.iter().position(|known| known == column).expect("a column");
            shown[place] = format!("coalesce(v{at}.{column}, {})", shown[place]);
        }
    }
    format!("(SELECT {} FROM ({from}) AS t{beside})", shown.join(", "))
}
