//! A ward: a database with rows without a parent, what is staged for it, and the checksums of its tables.

use crate::support::{Database, Outcome, Waif, waif};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tempfile::TempDir;

/// A database and the plans made for it.
pub struct Ward {
    pub database: Database,
    pub plan: PathBuf,
    _folder: TempDir,
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
        Self { database, plan, _folder: folder, url }
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
        let names = self.database.ask(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('waif', 'pg_catalog', 'information_schema', 'pg_toast')
               AND n.nspname !~ '^pg_temp' ORDER BY 1",
        );
        let sum = |name: &str| {
            self.database.ask(&format!(
                "SELECT count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' ORDER BY t::text COLLATE \"C\")), '') FROM {name} AS t"
            ))
        };
        names.lines().map(|name| (name.to_owned(), sum(name))).collect()
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
}
