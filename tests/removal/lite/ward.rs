//! A ward of SQLite: a file with rows without a parent, what is staged for it, and everything in it as text.

use crate::support::{Outcome, SqliteFile, Waif, waif};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file and the plans made for it.
pub struct Ward {
    pub file: SqliteFile,
    plan: PathBuf,
}

/// The schema is part of the public interface.
fn fits_the_schema(plan: &serde_json::Value) {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    let text = include_str!("../../../assets/schema/plan.schema.json");
    compiler.add_resource("urn:waif:plan:1", serde_json::from_str(text).expect("JSON")).expect("a schema");
    let schema = compiler.compile("urn:waif:plan:1", &mut schemas).expect("a schema");
    schemas.validate(plan, schema).unwrap_or_else(|error| panic!("{error}\n{plan:#}"));
}

impl Ward {
    /// A file filled by a script.
    pub fn of(schema: &str) -> Self {
        let file = SqliteFile::with(&format!("PRAGMA journal_mode = WAL; BEGIN; {schema} COMMIT;"));
        let plan = file.folder().join("plan.json");
        Self { file, plan }
    }

    /// `waif plan` with these actions, whatever it comes to.
    pub fn plans(&self, actions: &[&str], flags: &[&str]) -> Outcome {
        let (target, plan) = (self.file.target(), self.plan.display().to_string());
        let mut args = vec!["plan", target.as_str(), "-o", plan.as_str()];
        for action in actions {
            args.extend(["--stage", action]);
        }
        args.extend(flags);
        let outcome = waif(args);
        if let Ok(text) = std::fs::read_to_string(&self.plan) {
            fits_the_schema(&serde_json::from_str(&text).expect("JSON"));
        }
        outcome
    }

    /// The same, which must not be refused.
    pub fn plan(&self, actions: &[&str]) -> String {
        let outcome = self.plans(actions, &[]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        outcome.stdout
    }

    /// The plan must be refused; what is said, on one line.
    pub fn refused(&self, actions: &[&str]) -> String {
        let outcome = self.plans(actions, &[]);
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub fn armed(&self, verb: &str, what: &str, flags: &[&str]) -> Waif {
        let target = self.file.target();
        let mut args = vec![verb, target.as_str(), what, "--allow-writes", "--confirm", "waif.db"];
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

    /// Carries the plan out to its end.
    pub fn runs(&self) {
        let outcome = self.run().run();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        assert_eq!(self.file.ask("PRAGMA integrity_check"), "ok");
    }

    /// Where a run that is not waited for says what it does.
    pub fn said(&self) -> PathBuf {
        self.file.folder().join("said")
    }

    /// What the plan reaches: table, level, what becomes of the rows, how many.
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

    /// The number of the newest run.
    pub fn id(&self) -> String {
        self.file.ask("SELECT id FROM waif_run ORDER BY started_at DESC LIMIT 1")
    }

    pub fn state(&self) -> String {
        self.file.ask("SELECT state FROM waif_run ORDER BY started_at DESC LIMIT 1")
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
        assert_eq!(self.state(), "restored", "{outcome:#?}");
        assert_eq!(self.file.ask("PRAGMA integrity_check"), "ok");
        outcome.stdout
    }

    /// Every row of every table outside of the journal, with its number and the storage class of each value.
    pub fn rows(&self) -> BTreeMap<String, String> {
        let names = self.file.ask(
            "SELECT replace(name, char(10), char(1)) FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'waif\\_%' ESCAPE '\\'
             AND name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\' ORDER BY name",
        );
        // A name may have two lines.
        let names = names.lines().map(|name| name.replace('\u{1}', "\n"));
        names.map(|name| (name.clone(), self.rows_of(&name))).collect()
    }

    fn rows_of(&self, table: &str) -> String {
        let quoted = table.replace('"', "\"\"");
        let parts = self.file.ask(&format!(
            "SELECT group_concat('quote(\"' || replace(name, '\"', '\"\"') || '\")||'' ''||typeof(\"' || replace(name, '\"', '\"\"') || '\")', '||''|''||')
             FROM pragma_table_xinfo('{}')",
            table.replace('\'', "''")
        ));
        let number = format!("SELECT min(_rowid_) FROM \"{quoted}\"");
        let number = if self.file.try_execute(&number).is_ok() { "_rowid_" } else { "''" };
        self.file.ask(&format!("SELECT {number}||': '||{parts} FROM \"{quoted}\" ORDER BY 1"))
    }

    /// The definitions of everything outside of the journal.
    pub fn definitions(&self) -> String {
        self.file.ask(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'waif\\_%' ESCAPE '\\'
             AND tbl_name NOT LIKE 'waif\\_%' ESCAPE '\\' ORDER BY 1, 2",
        )
    }

    /// The store whose name begins so, as SQL names it.
    pub fn store(&self, begins: &str) -> String {
        format!(
            "\"waif_{}\"",
            self.file.ask(&format!("SELECT name FROM waif_store WHERE name LIKE '{begins}%'"))
        )
    }

    /// Rows in all stores.
    pub fn held(&self) -> u64 {
        if self.file.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'waif_store'") == "0" {
            return 0;
        }
        let stores = self.file.ask("SELECT name FROM waif_store ORDER BY name");
        stores.lines().map(|store| self.file.count(&format!("SELECT count(*) FROM \"waif_{store}\""))).sum()
    }
}
