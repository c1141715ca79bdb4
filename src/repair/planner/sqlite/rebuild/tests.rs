//! Rebuilds of real files: what is staged for keys is planned, carried out, taken back by dropping the key again, and
//! everything that is not the key must be what it was, down to row ids and the text of every other definition.

use crate::db::sqlite::create;
use crate::db::tape::Tape;
use crate::db::writer::{Armed, WriteLimits, Written};
use crate::db::{Engine, Limits};
use crate::model::action::Action;
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::ident::Ident;
use crate::model::plan::refusal::Why;
use crate::model::plan::step::Work;
use crate::model::plan::survey::{SchemaRow, Survey};
use crate::model::plan::{Parameters, Plan};
use crate::model::scope::Snapshot;
use crate::model::sent::Purpose;
use crate::model::server::EngineKind;
use crate::model::target::{Environment, Place, Target, TlsDemand};
use crate::model::value::{Row, Value};
use crate::repair::planner::{self, Request, Setting};
use crate::sql::rebuild::Rebuilds as _;
use crate::sql::sqlite::Sqlite;
use crate::sql::sqlite::rebuild;
use crate::sql::{Path, Query};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const LIMITS: WriteLimits = WriteLimits { lock: Duration::from_secs(2), statement: None, one_moment: false };

struct Trial {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Trial {
    async fn of(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trial.db");
        create(&path, &["CREATE TABLE waif_first (a); DROP TABLE waif_first"]).await.unwrap();
        let trial = Self { _folder: folder, path };
        trial.say(script).await;
        trial
    }

    /// Another program says something, without keys being enforced.
    async fn say(&self, script: &str) {
        let options = SqliteConnectOptions::new().filename(&self.path).foreign_keys(false);
        let mut other = options.connect().await.unwrap();
        let script = sqlx::AssertSqlSafe(script.to_owned());
        other.execute(script).await.unwrap_or_else(|error| panic!("{error}"));
        other.close().await.unwrap();
    }

    async fn engine(&self) -> Arc<dyn Engine> {
        let target = Target {
            engine: EngineKind::Sqlite,
            place: Place::File(self.path.clone()),
            database: None,
            user: None,
            password: None,
            tls: TlsDemand::default(),
            connect_timeout: 2,
            options: None,
            application_name: "waif".to_owned(),
            attach: Vec::new(),
            environment: Environment::Development,
            profile: None,
            before: None,
            password_command: None,
            sources: std::collections::BTreeMap::new(),
            notices: Vec::new(),
        };
        crate::db::open(&target, Tape::new(|_| {})).await.unwrap()
    }

    async fn rows(&self, text: &str) -> Vec<Row> {
        let engine = self.engine().await;
        let mut readers = engine.readers(1, Snapshot::PerRelation).await.unwrap();
        let query = Query::new(Purpose::Session, text, Vec::new());
        readers.sessions[0]
            .fetch(&query, Limits::default())
            .await
            .unwrap_or_else(|fault| panic!("{fault}: {text}"))
    }

    /// Everything in the file: each row of each table with its id, each definition.
    async fn all(&self) -> Vec<(String, Vec<String>)> {
        let mut all = Vec::new();
        let schema = self.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name").await;
        for row in &schema {
            let (sort, name) = (row[0].text().unwrap(), row[1].text().unwrap());
            let sql = row[3].text().unwrap_or_default();
            all.push((format!("{sort} {name}"), vec![sql.to_owned()]));
            if sort != "table" || sql.starts_with("CREATE VIRTUAL") {
                continue;
            }
            let quoted = format!("\"{}\"", name.replace('"', "\"\""));
            let columns = self.rows(&format!("SELECT name FROM pragma_table_xinfo({quoted})")).await;
            let mut columns: Vec<String> =
                columns.iter().map(|row| row[0].text().unwrap().replace('"', "\"\"")).collect();
            let without = sql.to_uppercase().contains("WITHOUT ROWID");
            // The row ids of statistics mean nothing.
            if !without && !name.starts_with("sqlite_stat") && !columns.iter().any(|column| column == "rowid")
            {
                columns.insert(0, "rowid".to_owned());
            }
            let each: Vec<String> = columns.iter().map(|name| format!("quote(\"{name}\")")).collect();
            let rows = self
                .rows(&format!("SELECT {} FROM {quoted} ORDER BY 1, 2", each.join(" || ',' || ") + ", 1"))
                .await;
            let rows = rows.iter().map(|row| row[0].visible().into_owned()).collect();
            all.push((format!("rows of {name}"), rows));
        }
        all
    }

    async fn look(&self, actions: &[&str]) -> (Catalog, Survey, Request) {
        let engine = self.engine().await;
        let catalog = engine.catalog().await.unwrap();
        let mut readers = engine.readers(1, Snapshot::PerRelation).await.unwrap();
        let reader = &mut readers.sessions[0];
        let request = Request {
            actions: actions.iter().map(|text| text.parse::<Action>().unwrap()).collect(),
            copies: Vec::new(),
            parameters: Parameters::default(),
        };
        let mut survey = Survey::default();
        for row in reader.fetch(&rebuild::schema(), Limits::default()).await.unwrap() {
            let text = |at: usize| row[at].text().unwrap_or_default();
            survey.schema.push(SchemaRow {
                sort: text(0).to_owned(),
                name: Ident::new(text(1)).unwrap(),
                table: Ident::new(text(2)).unwrap(),
                sql: row[3].text().map(str::to_owned),
                stored: row[4].truth(),
            });
        }
        let (wishes, _) = planner::read(&catalog, &request.actions, &request.copies);
        for wish in &wishes {
            let Some(key) = wish.key() else { continue };
            let table = catalog.table(key.child).unwrap();
            let rows = reader.fetch(&rebuild::size(&table.name.name), Limits::default()).await.unwrap();
            survey.sizes.insert(key.child, rows[0][0].count().unwrap());
            let Some(relation) = key.as_relation(
                &catalog,
                vec![crate::model::relation::Comparison::default(); key.columns.len()],
            ) else {
                continue;
            };
            if relation.flaw.is_some() {
                continue;
            }
            let query = engine.dialect().orphans(&catalog, &relation, Path::Free);
            if let Ok(rows) = reader.fetch(&query, Limits::default()).await {
                survey.orphans.insert(wish.action, rows[0][0].count().unwrap());
            }
        }
        (catalog, survey, request)
    }

    async fn plan(&self, actions: &[&str]) -> Plan {
        let (catalog, survey, request) = self.look(actions).await;
        let setting = Setting {
            planning: &Sqlite,
            repairs: &Sqlite,
            removals: None,
            environment: Environment::Development,
            now: "2026-01-01T00:00:00Z",
            finishing: false,
        };
        planner::plan(&catalog, &survey, &request, &setting)
    }

    async fn refused(&self, action: &str) -> Vec<(Why, String)> {
        let plan = self.plan(&[action]).await;
        plan.refusals.into_iter().map(|refusal| (refusal.why, refusal.sentence)).collect()
    }

    /// Plans and carries out.
    async fn run(&self, actions: &[&str]) -> Result<(), Fault> {
        let plan = self.plan(actions).await;
        assert!(plan.refusals.is_empty(), "{:?}", plan.refusals);
        let rebuilds: Vec<_> = plan.steps.iter().filter(|step| step.work != Work::Journal).collect();
        let [step] = &rebuilds[..] else { panic!("not one step: {:?}", plan.steps) };
        let Work::Rebuild(made) = &step.work else { panic!("no rebuild: {:?}", step.work) };
        let parts = Sqlite.rebuild(made);
        let told: Vec<&str> = parts.iter().map(|part| part.change.text()).collect();
        assert_eq!(told, step.sql.iter().map(String::as_str).collect::<Vec<_>>());
        let engine = self.engine().await;
        let armed = Armed::by(engine.server(), true, Some("trial.db"), "20260101-abcdef").unwrap();
        let mut writer = engine.writer(&armed).await?;
        let changes: Vec<_> = parts.into_iter().map(|part| part.change).collect();
        match writer.atomically(&changes, LIMITS).await? {
            Written::Committed(_) => {}
            Written::Unknown { fault, .. } => return Err(fault),
        }
        for trial in Sqlite.trials(made) {
            if trial.untried.is_some() {
                continue;
            }
            let tried = writer.rehearse(&trial.changes, trial.question.as_ref(), LIMITS).await;
            let code = tried.fault.as_ref().and_then(|fault| fault.code.clone());
            let nothing = tried.done.last().is_none_or(|done| done.touched == 0);
            match trial.question {
                Some(_) if nothing => {}
                Some(_) => assert_eq!(tried.answer, [[Value::Int(1)]], "{}: {:?}", trial.what, tried.fault),
                None if tried.fault.is_none() && nothing => {}
                None => assert!(
                    matches!(code.as_deref(), Some("787" | "1811")),
                    "{}: {:?} {:?}",
                    trial.what,
                    tried.fault,
                    trial.changes
                ),
            }
        }
        Ok(())
    }

    /// The verdict of the engine over the whole file.
    async fn sound(&self) {
        assert_eq!(self.rows("PRAGMA integrity_check").await, [[Value::Text("ok".to_owned())]]);
    }
}

/// Everything but the definition of one table.
fn but<'a>(all: &'a [(String, Vec<String>)], table: &str) -> Vec<&'a (String, Vec<String>)> {
    all.iter().filter(|(what, _)| *what != format!("table {table}")).collect()
}

const PARENT: &str =
    "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE, a, b, UNIQUE (a, b));
    INSERT INTO p VALUES (1, 'one', 1, 'x'), (2, 'Two', 2, 'y'), (9, 'nine', NULL, NULL);";

/// A key comes and goes, and nothing else does.
async fn there_and_back(script: &str, table: &str, relation: &str) {
    for mode in ["wal", "delete"] {
        let trial = Trial::of(&format!("PRAGMA journal_mode = {mode}; {PARENT} {script}")).await;
        let start = trial.all().await;
        let keys = format!(
            "SELECT \"table\", \"from\", \"to\" FROM pragma_foreign_key_list('{}')",
            table.replace('\'', "''")
        );
        let before = trial.rows(&keys).await;
        trial.run(&[&format!("add-fk:{relation}")]).await.unwrap_or_else(|fault| panic!("{fault}\n{script}"));
        trial.sound().await;
        let with = trial.all().await;
        assert_eq!(but(&start, table), but(&with, table), "{script}");
        assert!(trial.rows(&keys).await.len() > before.len());
        trial
            .run(&[&format!("drop-fk:{relation}")])
            .await
            .unwrap_or_else(|fault| panic!("{fault}\n{script}"));
        trial.sound().await;
        let end = trial.all().await;
        assert_eq!(but(&start, table), but(&end, table), "{script}");
        assert_eq!(trial.rows(&keys).await, before);
        let text = |all: &[(String, Vec<String>)]| {
            let own = all.iter().find(|(what, _)| *what == format!("table {table}")).unwrap();
            own.1[0].split_once('(').unwrap().1.to_owned()
        };
        assert_eq!(text(&start), text(&end), "the definition is what it was, behind its name");
    }
}

#[tokio::test]
async fn row_ids_stay_where_they_have_no_name() {
    there_and_back("CREATE TABLE c (p INT, x); INSERT INTO c (rowid, p, x) VALUES (7, 1, 'a'), (-3, NULL, x'00'), (99, 2, 1.5)", "c", "c(p)->p(id)").await;
    there_and_back("CREATE TABLE c (p INT, x UNIQUE); INSERT INTO c (rowid, p, x) VALUES (7, 1, 'a'), (3, NULL, 'b'), (99, 2, 'c')", "c", "c(p)->p(id)").await;
    there_and_back("CREATE TABLE c (rowid TEXT, p INT); INSERT INTO c (_rowid_, rowid, p) VALUES (7, 'r', 1), (70, 's', 2)", "c", "c(p)->p(id)").await;
    there_and_back("CREATE TABLE c (id INTEGER PRIMARY KEY DESC, p); INSERT INTO c (rowid, id, p) VALUES (7, NULL, 1), (8, 5, 2)", "c", "c(p)->p(id)").await;
}

#[tokio::test]
async fn what_dropping_a_table_forgets_is_there_again() {
    there_and_back("CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT, p INT); INSERT INTO c VALUES (5, 1), (100, 2); DELETE FROM c WHERE id = 100", "c", "c(p)->p(id)").await;
    there_and_back("CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT, p INT)", "c", "c(p)->p(id)").await;
    there_and_back(
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INT); CREATE INDEX \"odd \"\" index\" ON c (p DESC, id) WHERE p > 0;
         CREATE INDEX expressed ON c (abs(p) + 1); INSERT INTO c VALUES (5, 1), (100, 2); ANALYZE",
        "c", "c(p)->p(id)",
    ).await;
}

#[tokio::test]
async fn every_sort_of_table_keeps_what_it_is() {
    there_and_back("CREATE TABLE c (id TEXT, n INT, p INT, PRIMARY KEY (n DESC, id)) WITHOUT ROWID; INSERT INTO c VALUES ('a', 1, 1), ('b', 2, 2); CREATE UNIQUE INDEX i ON c (p)", "c", "c(p)->p(id)").await;
    there_and_back("CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, t TEXT, any ANY) STRICT; INSERT INTO c VALUES (1, 1, 't', 1.5), (2, NULL, 'u', x'01')", "c", "c(p)->p(id)").await;
    there_and_back("CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, g INT GENERATED ALWAYS AS (p * 2) STORED UNIQUE, v AS (p || ')'), CHECK (p <> ')' AND g >= 0)); INSERT INTO c (id, p) VALUES (1, 1), (4, 2)", "c", "c(p)->p(id)").await;
    there_and_back(
        "CREATE TABLE c (p INT, g AS (p + 1) STORED); INSERT INTO c (rowid, p) VALUES (12, 1), (40, 2)",
        "c",
        "c(p)->p(id)",
    )
    .await;
    there_and_back("CREATE TABLE c (name TEXT COLLATE RTRIM, d DEFAULT (1 + (2))); INSERT INTO c VALUES ('ONE', 1), ('two', 2), ('TWO', NULL)", "c", "c(name)->p(name)").await;
    there_and_back("CREATE TABLE c (x, y, UNIQUE (x, y) ON CONFLICT IGNORE); INSERT INTO c VALUES (1, 'x'), (2, 'y'), (NULL, 'z')", "c", "c(x,y)->p(a,b)").await;
    there_and_back(
        "CREATE TABLE \"c \"\"\n--(\" (\"p\n)\" INT); INSERT INTO \"c \"\"\n--(\" VALUES (1), (2)",
        "c \"\n--(",
        "\"c \"\"\n--(\"(\"p\n)\")->p(id)",
    )
    .await;
    there_and_back(
        "CREATE TABLE c (id INTEGER PRIMARY KEY, up INT); INSERT INTO c VALUES (1, NULL), (2, 1), (3, 2)",
        "c",
        "c(up)->c(id)",
    )
    .await;
}

#[tokio::test]
async fn views_and_triggers_everywhere_stay_as_they_are() {
    there_and_back(
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INT); INSERT INTO c VALUES (1, 1), (2, 2); CREATE TABLE log (t);
         CREATE VIEW v AS SELECT c.id, p.name FROM c JOIN p ON p.id = c.p; CREATE VIEW w AS SELECT * FROM v, c;
         CREATE TRIGGER z AFTER INSERT ON c BEGIN INSERT INTO log VALUES ('z'); END;
         CREATE TRIGGER a AFTER INSERT ON c BEGIN INSERT INTO log VALUES ('a'); UPDATE c SET p = p WHERE id = new.id; END;
         CREATE TRIGGER elsewhere AFTER INSERT ON log BEGIN DELETE FROM c WHERE id = 77; END;
         CREATE TRIGGER instead INSTEAD OF INSERT ON v BEGIN INSERT INTO c VALUES (new.id, 1); END;
         CREATE TRIGGER broken AFTER DELETE ON log BEGIN SELECT * FROM nowhere; END; CREATE VIEW hollow AS SELECT * FROM gone",
        "c", "c(p)->p(id)",
    ).await;
}

#[tokio::test]
async fn children_of_the_table_stay_its_children() {
    for parent in ["c", "C", "\"c\""] {
        let script = format!(
            "CREATE TABLE c (id INTEGER PRIMARY KEY, p INT); INSERT INTO c VALUES (1, 1), (2, 2);
             CREATE TABLE g (c REFERENCES {parent} ON DELETE CASCADE, d REFERENCES {parent} (id) ON DELETE SET NULL);
             INSERT INTO g VALUES (1, 2), (2, 2), (77, 1); CREATE TABLE wrong (x REFERENCES c (p)); INSERT INTO wrong VALUES (1)"
        );
        there_and_back(&script, "c", "c(p)->p(id)").await;
    }
}

#[tokio::test]
async fn all_that_is_staged_for_a_table_is_one_rebuild() {
    let trial = Trial::of(&format!(
        "{PARENT} CREATE TABLE c (id INTEGER PRIMARY KEY, p INT CONSTRAINT old REFERENCES p ON DELETE CASCADE, q INT REFERENCES p (id), n TEXT /* n */);
         INSERT INTO c VALUES (1, 1, 2, 'one'), (2, 2, NULL, 'NINE')"
    )).await;
    trial
        .run(&[
            "add-fk:c(n)->p(name)?on_delete=set_null&name=by name",
            "replace-fk:c.old?on_delete=restrict",
            "drop-fk:c(q)->p(id)",
        ])
        .await
        .unwrap();
    let text = trial.rows("SELECT sql FROM sqlite_schema WHERE name = 'c'").await;
    assert_eq!(
        text[0][0].text().unwrap(),
        "CREATE TABLE \"c\" (id INTEGER PRIMARY KEY, p INT, q INT, n TEXT, /* n */ \
         CONSTRAINT \"by name\" FOREIGN KEY (\"n\") REFERENCES \"p\" (\"name\") ON DELETE SET NULL, \
         CONSTRAINT \"old\" FOREIGN KEY (\"p\") REFERENCES \"p\" (\"id\") ON DELETE RESTRICT)"
    );
}

#[tokio::test]
async fn a_key_no_row_may_break_is_not_added_over_orphans() {
    let trial = Trial::of(&format!("{PARENT} CREATE TABLE c (p INT); INSERT INTO c VALUES (1), (77)")).await;
    let refused = trial.refused("add-fk:c(p)->p(id)").await;
    assert!(
        matches!(&refused[..], [(Why::Orphans, sentence)] if sentence.starts_with("1 row of")),
        "{refused:?}"
    );
    // An orphan that comes between plan and run is found by the run itself.
    let trial = Trial::of(&format!("{PARENT} CREATE TABLE c (p INT); INSERT INTO c VALUES (1)")).await;
    let plan = trial.plan(&["add-fk:c(p)->p(id)"]).await;
    trial.say("INSERT INTO c VALUES (77)").await;
    let before = trial.all().await;
    let Work::Rebuild(made) = &plan.steps[1].work else { panic!() };
    let engine = trial.engine().await;
    let armed = Armed::by(engine.server(), true, Some("trial.db"), "20260101-abcdef").unwrap();
    let mut writer = engine.writer(&armed).await.unwrap();
    let changes: Vec<_> = Sqlite.rebuild(made).into_iter().map(|part| part.change).collect();
    let fault = writer.atomically(&changes, LIMITS).await.unwrap_err();
    assert!(fault.kind == Kind::Unexpected && fault.headline.contains("no parent"), "{fault}");
    assert_eq!(trial.all().await, before);
    // So is a table, an index or a trigger that changed.
    trial.say("DELETE FROM c WHERE p = 77; CREATE TRIGGER late AFTER INSERT ON c BEGIN SELECT 1; END").await;
    let fault = writer.atomically(&changes, LIMITS).await.unwrap_err();
    assert!(fault.headline.contains("not what they were"), "{fault}");
}

#[tokio::test]
async fn other_orphans_stand_in_nobodys_way() {
    let trial = Trial::of(&format!(
        "{PARENT} CREATE TABLE c (p INT REFERENCES p, q INT); INSERT INTO c VALUES (77, 1), (78, 2), (1, NULL);
         CREATE TABLE g (x REFERENCES c (p), y REFERENCES nowhere); INSERT INTO g VALUES (1, 1)"
    )).await;
    trial.run(&["add-fk:c(q)->p(id)"]).await.unwrap();
    trial.run(&["drop-fk:c(p)->p(id)"]).await.unwrap();
    let keys = trial.rows("SELECT \"from\" FROM pragma_foreign_key_list('c')").await;
    assert_eq!(keys, [[Value::Text("q".to_owned())]]);
}

#[tokio::test]
async fn a_key_that_can_never_hold_is_dropped() {
    for key in ["REFERENCES p (\"no such\")", "REFERENCES p (a)", "REFERENCES gone"] {
        let trial = Trial::of(&format!(
            "{PARENT} CREATE TABLE c (x INT CONSTRAINT bad {key}, p INT); INSERT INTO c VALUES (1, 1)"
        ))
        .await;
        if !key.contains("gone") {
            let refused = trial.refused("add-fk:c(p)->p(id)").await;
            assert!(
                matches!(&refused[..], [(Why::Prerequisite, sentence)] if sentence.contains("never be satisfied")),
                "{refused:?}"
            );
        }
        trial.run(&["add-fk:c(p)->p(id)", "drop-fk:c.bad"]).await.unwrap();
        assert_eq!(
            trial.rows("SELECT \"from\" FROM pragma_foreign_key_list('c')").await,
            [[Value::Text("p".to_owned())]]
        );
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_name() {
    let trial = Trial::of(&format!(
        "{PARENT} CREATE UNIQUE INDEX partial ON p (a) WHERE a > 0; CREATE UNIQUE INDEX binary ON p (name COLLATE BINARY);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT NOT NULL, t TEXT, g INT AS (p) STORED);
         CREATE TABLE named (x, CHECK (named.x > 0)); CREATE TABLE waif_own (x); CREATE TABLE declared (x REFERENCES p (id));
         INSERT INTO declared VALUES (77); CREATE TABLE u (n TEXT UNIQUE COLLATE NOCASE, m TEXT COLLATE NOCASE); CREATE UNIQUE INDEX um ON u (m COLLATE BINARY);
         CREATE VIRTUAL TABLE full USING fts5 (x)"
    )).await;
    let cases = [
        ("add-fk:c(p)->p(a)", Why::Prerequisite, "under the columns' own collations"),
        ("add-fk:c(t)->u(m)", Why::Prerequisite, "under the columns' own collations"),
        ("add-fk:c(p)->p(id)?on_delete=set_null", Why::Subject, "takes no NULL"),
        ("add-fk:c(p)->p(id)?on_delete=set_default", Why::Subject, "has no default"),
        ("add-fk:c(g)->p(id)?on_update=cascade", Why::Subject, "is generated"),
        ("add-fk:c(p)->p(id)?match=full", Why::Subject, "MATCH"),
        ("add-fk:named(x)->p(id)", Why::Subject, "by the name of the table"),
        ("add-fk:waif_own(x)->p(id)", Why::Subject, "belongs to waif"),
        ("validate:declared(x)->p(id)", Why::Orphans, "1 row break"),
        ("add-fk:declared(x)->p(id)?on_delete=cascade", Why::Subject, "with other options"),
        ("add-fk:declared(x)->p(id)", Why::Orphans, "1 row break"),
    ];
    for (action, why, words) in cases {
        let refused = trial.refused(action).await;
        assert!(
            refused.iter().any(|(own, sentence)| *own == why && sentence.contains(words)),
            "{action}: {refused:?}"
        );
    }
    let plan = trial.plan(&["add-fk:c(t)->u(n)"]).await;
    assert!(plan.refusals.is_empty(), "{:?}", plan.refusals);
}

#[tokio::test]
async fn validate_says_what_proves_a_key_here() {
    let trial =
        Trial::of(&format!("{PARENT} CREATE TABLE c (p REFERENCES p); INSERT INTO c VALUES (1)")).await;
    let plan = trial.plan(&["validate:c(p)->p(id)"]).await;
    assert!(plan.refusals.is_empty() && !plan.steps.iter().any(|step| step.work != Work::Journal));
    assert!(plan.warnings.iter().any(|said| said.contains("foreign_key_check")), "{:?}", plan.warnings);
}

/// A table in all its ways of being written, with what hangs on it and some rows.
#[derive(Clone, Debug)]
struct Drawn {
    script: String,
    relation: &'static str,
}

prop_compose! {
    fn drawn()(
        sort in select(vec![
            ("k INTEGER PRIMARY KEY", ""),
            ("k INTEGER PRIMARY KEY AUTOINCREMENT", ""),
            ("k INT", ""),
            ("k TEXT UNIQUE", ""),
            ("k INTEGER PRIMARY KEY DESC", ""),
            ("k INT NOT NULL PRIMARY KEY", " WITHOUT ROWID"),
            ("k INTEGER PRIMARY KEY", " STRICT"),
            ("k INTEGER NOT NULL, PRIMARY KEY (k)", " /* both */ STRICT, WITHOUT ROWID"),
        ]),
        by_name in any::<bool>(),
        columns in subsequence(vec![
            "u INT UNIQUE", "d INT DEFAULT (1 + (2))", "t TEXT COLLATE NOCASE -- (",
            "s INT GENERATED ALWAYS AS (k + 1) STORED", "v INT AS (length(',(') + 1)", "n INT NOT NULL DEFAULT 0",
            "r INT REFERENCES p (id) ON DELETE CASCADE", "q INT CONSTRAINT \"q)\" REFERENCES gone DEFERRABLE",
        ], 0..8),
        constraints in subsequence(vec![
            "CHECK (f <> ')' OR f IS NULL)", "UNIQUE (f, k)", "CONSTRAINT x FOREIGN KEY (k) REFERENCES away (z)",
        ], 0..3),
        around in subsequence(vec![
            "CREATE INDEX i1 ON c (f)", "CREATE INDEX i2 ON c (f, k) WHERE f IS NOT NULL", "CREATE UNIQUE INDEX i3 ON c (k, f)",
            "CREATE INDEX i4 ON c (length(f), k DESC)", "CREATE VIEW see AS SELECT f FROM c", "CREATE VIEW hollow AS SELECT * FROM nowhere",
            "CREATE TRIGGER t1 AFTER INSERT ON c BEGIN DELETE FROM side; END", "CREATE TRIGGER t2 BEFORE UPDATE OF f ON c BEGIN SELECT 1; END",
            "CREATE TRIGGER t3 AFTER DELETE ON side BEGIN UPDATE c SET f = NULL; END", "ANALYZE",
        ], 0..10),
        rows in prop::collection::vec((0_u8..4, 0_i64..1_000), 0..25),
        gap in select(vec![" ", "\n  ", " /* ( */ "]),
    ) -> Drawn {
        let (key, tail) = sort;
        let (key, own) = key.split_once(", ").map_or((key, None), |(key, own)| (key, Some(own)));
        let kind = if by_name { "f TEXT" } else { "f INT" };
        let mut all = vec![key.to_owned(), kind.to_owned()];
        all.extend(columns.iter().map(|column| (*column).to_owned()));
        let mut text = String::from("CREATE TABLE c(");
        for (at, column) in all.iter().enumerate() {
            // A comment up to the end of its line must not take the comma with it.
            let (column, remark) = column.split_once(" --").map_or((column.as_str(), ""), |(column, _)| (column, " -- (\n"));
            text.push_str(&format!("{}{gap}{column}{remark}", if at == 0 { "" } else { "," }));
        }
        for constraint in own.iter().chain(&constraints) {
            text.push_str(&format!(",{gap}{constraint}"));
        }
        text.push_str(&format!("{gap}){tail};"));
        text.push_str("CREATE TABLE side (a); INSERT INTO side VALUES (1);");
        let mut seen = Vec::new();
        for (which, number) in rows {
            if seen.contains(&number) {
                continue;
            }
            seen.push(number);
            let value = match (which, by_name) {
                (0, _) => "NULL",
                (1, false) => "1",
                (2, false) => "2",
                (_, false) => "9",
                (1, true) => "'ONE'",
                (2, true) => "'two'",
                (_, true) => "'Nine'",
            };
            text.push_str(&format!("INSERT INTO c (k, f) VALUES ({number}, {value});"));
        }
        // Row ids with gaps, where a row has no other name.
        text.push_str("DELETE FROM c WHERE k % 3 = 0;");
        for one in around {
            text.push_str(&format!("{one};"));
        }
        Drawn { script: text, relation: if by_name { "c(f)->p(name)" } else { "c(f)->p(id)" } }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_the_table_a_key_comes_and_goes_and_nothing_else_does(drawn in drawn()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(there_and_back(&drawn.script, "c", drawn.relation));
    }
}
