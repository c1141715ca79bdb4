//! Partitions that have a key already when their whole is given an equal one: the server ties theirs to it. The plan knows
//! the locks of that and the names the keys keep; what it does ends well, and is taken back to what was there.

use super::plans::{carry_out, hold_to_its_word, list, plan, planned_locks, texts, whys};
use crate::support::{Database, Server, waif};

const CHILD: &str = "CREATE TABLE c1 PARTITION OF c FOR VALUES FROM (0) TO (50);
     CREATE TABLE c2 PARTITION OF c FOR VALUES FROM (50) TO (100);
     CREATE TABLE cd PARTITION OF c DEFAULT PARTITION BY RANGE (id);
     CREATE TABLE cd1 PARTITION OF cd FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id);
     CREATE TABLE cd11 PARTITION OF cd1 DEFAULT;
     CREATE TABLE cd2 PARTITION OF cd DEFAULT;";

/// A parent that is plain, one that is partitioned, and a table that refers to itself; with the name of the parent.
fn shapes() -> [(String, &'static str); 3] {
    let fill = "INSERT INTO c SELECT i, i + 1 FROM generate_series(1, 149) i; ANALYZE;";
    let parent = "INSERT INTO p SELECT generate_series(1, 150);";
    let plain =
        "CREATE TABLE p(id int PRIMARY KEY); CREATE TABLE c(id int, pid int) PARTITION BY RANGE (id);";
    let parted = "CREATE TABLE p(id int PRIMARY KEY) PARTITION BY RANGE (id);
         CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (60);
         CREATE TABLE px PARTITION OF p DEFAULT PARTITION BY RANGE (id); CREATE TABLE px1 PARTITION OF px DEFAULT;
         CREATE TABLE c(id int, pid int) PARTITION BY RANGE (id);";
    let own = "CREATE TABLE c(id int PRIMARY KEY, pid int) PARTITION BY RANGE (id);";
    [
        (format!("{plain}{CHILD}{parent}{fill}"), "p"),
        (format!("{parted}{CHILD}{parent}{fill}"), "p"),
        (format!("{own}{CHILD}INSERT INTO c VALUES (150, NULL);{fill}"), "c"),
    ]
}

/// The keys of all tables but for what the server copies: table, name, whether it is proved.
const KEYS: &str =
    "SELECT coalesce(string_agg(conrelid::regclass || '.' || conname || ' ' || convalidated, ', '
      ORDER BY conrelid::regclass::text, conname), '')
  FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND connamespace = 'public'::regnamespace";

/// Keys on partitions, then the key of the whole: by the plan's own statements, then by a run.
fn tied(keys: &[(&str, &str, &str)]) {
    for (sql, parent) in shapes() {
        let action = format!("add-fk:c(pid)->{parent}(id)");
        let set = || {
            let database = Database::with("tied", &sql);
            for (table, name, proved) in keys {
                database.execute(&format!(
                    "ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (pid) REFERENCES {parent} {proved}"
                ));
            }
            database
        };
        let database = set();
        let before = database.ask(KEYS);
        let (_, made) = plan(&database.url(), &[&action]);
        hold_to_its_word(&database, &[&action]);
        ends_well(&database, keys);
        for step in list(&made, "steps").iter().rev() {
            texts(&step["undo"], "statements").iter().for_each(|statement| database.execute(statement));
        }
        assert_eq!(database.ask(KEYS), before, "taken back, to {parent}: {keys:?}");
        runs(&set(), &action, keys);
    }
}

/// A run of the plan ends well.
fn runs(database: &Database, action: &str, keys: &[(&str, &str, &str)]) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("plan.json").display().to_string();
    let url = database.url();
    let made = waif(["plan", &url, "--stage", action, "-o", &file, "--quiet"]);
    assert_eq!(made.code, Some(0), "{}", made.everything());
    let outcome = waif(["run", &url, &file, "--allow-writes", "--confirm", database.name()]);
    assert_eq!(outcome.code, Some(0), "{keys:?}: {}", outcome.everything());
    ends_well(database, keys);
}

/// The key of the whole is proved, with all its parts; each key that was there keeps its name, the first of a table is tied.
fn ends_well(database: &Database, keys: &[(&str, &str, &str)]) {
    let whole = "conname = 'c_pid_fkey' AND conrelid = 'c'::regclass";
    // What 12 keeps for each partition of the parent is never called proved there.
    let all = database.server().major() > 12;
    let unproved = format!(
        "WITH RECURSIVE k AS (SELECT oid, convalidated, confrelid FROM pg_constraint WHERE {whole}
           UNION ALL SELECT b.oid, b.convalidated, b.confrelid FROM pg_constraint b JOIN k ON b.conparentid = k.oid)
         SELECT count(*) FROM k WHERE NOT convalidated AND ({all} OR confrelid = (SELECT confrelid FROM pg_constraint WHERE {whole}))"
    );
    assert_eq!(database.count(&unproved), 0, "{keys:?}");
    assert_eq!(database.count(&format!("SELECT count(*) FROM pg_constraint WHERE {whole}")), 1, "{keys:?}");
    let mut tied: Vec<&str> = Vec::new();
    for (table, name, _) in keys {
        let copy = "SELECT count(*) FROM pg_constraint WHERE conparentid <> 0";
        let is_tied = u64::from(!tied.contains(table));
        let question = format!("{copy} AND conname = '{name}' AND conrelid = '{table}'::regclass");
        assert_eq!(database.count(&question), is_tied, "{table}.{name} of {keys:?}");
        tied.push(table);
    }
    // Nothing is doubled: besides the key of the whole only what was left over from the start is no part of another.
    let left = u64::try_from(
        keys.len() - keys.iter().map(|key| key.0).collect::<std::collections::BTreeSet<_>>().len(),
    );
    let roots = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND connamespace = 'public'::regnamespace";
    assert_eq!(database.count(roots), 1 + left.expect("few"), "{keys:?}");
}

#[test]
fn an_equal_key_on_a_leaf_is_tied_to_the_whole() {
    tied(&[]);
    tied(&[("c1", "foo", "")]);
    tied(&[("cd11", "foo", "")]);
    tied(&[("c1", "foo", "NOT VALID"), ("cd2", "bar", "")]);
}

#[test]
fn of_two_equal_keys_of_a_leaf_the_first_by_name_is_tied() {
    tied(&[
        ("c1", "b_key", ""),
        ("c1", "c_pid_fkex", "NOT VALID"),
        ("c2", "a", "NOT VALID"),
        ("c2", "b", ""),
    ]);
}

#[test]
fn an_equal_key_between_the_whole_and_its_leaves_is_tied_with_all_below_it() {
    tied(&[("cd", "bar", "")]);
    tied(&[("cd1", "bar", ""), ("c1", "foo", "NOT VALID")]);
}

#[test]
fn one_that_is_not_proved_there_is_proved_under_its_name() {
    if Server::shared().major() < 18 {
        // There a partitioned table takes no key that is not proved.
        return;
    }
    tied(&[("cd", "bar", "NOT VALID")]);
    tied(&[("cd1", "bar", "NOT VALID"), ("cd2", "foo", "NOT VALID")]);
}

#[test]
fn a_twin_takes_the_keys_of_partitions_too() {
    for (sql, parent) in shapes() {
        for table in ["c1", "cd"] {
            let database = Database::with("tied", &sql);
            for (table, name) in [("c", "old"), (table, "foo")] {
                database.execute(&format!(
                    "ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (pid) REFERENCES {parent}"
                ));
            }
            let (code, made) = plan(&database.url(), &["replace-fk:c.old"]);
            assert_eq!((code, whys(&made)), (Some(0), vec![]), "{made:#}");
            for step in list(&made, "steps") {
                let held = carry_out(&database, step);
                if step["work"]["kind"] != "journal" {
                    assert_eq!(held, planned_locks(step), "{table}: {step:#}");
                }
            }
            assert_eq!(database.ask(KEYS), "c.old true");
        }
    }
}

#[test]
fn what_ties_a_key_says_that_nobody_reads_the_parent_meanwhile() {
    if Server::shared().major() < 18 {
        return;
    }
    let [(sql, _), ..] = shapes();
    let database = Database::with("tied", &sql);
    database.execute("ALTER TABLE c1 ADD CONSTRAINT foo FOREIGN KEY (pid) REFERENCES p");
    let (_, made) = plan(&database.url(), &["add-fk:c(pid)->p(id)"]);
    assert!(made["warnings"].to_string().contains("c1 has an equal key, foo"), "{:#}", made["warnings"]);
    let shown = waif(["plan", &database.url(), "--stage", "add-fk:c(pid)->p(id)", "--quiet"]);
    assert!(shown.stdout.contains("strongest lock ACCESS EXCLUSIVE"), "{}", shown.everything());
}

#[test]
fn a_key_that_came_after_the_plan_makes_no_unannounced_lock() {
    if Server::shared().major() < 18 {
        // There the key is put over those of the leaves under the strongest lock in any case.
        return;
    }
    let [(sql, _), ..] = shapes();
    let database = Database::with("tied", &sql);
    let (url, folder) = (database.url(), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("plan.json").display().to_string();
    let made = waif(["plan", &url, "--stage", "add-fk:c(pid)->p(id)", "-o", &file, "--quiet"]);
    assert_eq!(made.code, Some(0), "{}", made.everything());
    database.execute("ALTER TABLE c1 ADD CONSTRAINT c_pid_fkey FOREIGN KEY (pid) REFERENCES p NOT VALID");
    let outcome = waif(["run", &url, &file, "--allow-writes", "--confirm", database.name()]);
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(outcome.code != Some(0) && said.contains("would take ACCESS EXCLUSIVE on p now"), "{outcome:#?}");
    assert_eq!(database.ask(KEYS), "c1.c_pid_fkey false");
}

#[test]
fn an_equal_key_that_is_not_enforced_stands_against_the_whole() {
    if Server::shared().major() < 18 {
        return;
    }
    for table in ["c1", "cd", "cd11"] {
        let [(sql, _), ..] = shapes();
        let database = Database::with("tied", &sql);
        database.execute(&format!(
            "ALTER TABLE {table} ADD CONSTRAINT foo FOREIGN KEY (pid) REFERENCES p NOT ENFORCED"
        ));
        let (code, made) = plan(&database.url(), &["add-fk:c(pid)->p(id)"]);
        assert_eq!((code, whys(&made)), (Some(1), vec!["subject"]), "{made:#}");
        database.execute(&format!("ALTER TABLE {table} ALTER CONSTRAINT foo ENFORCED"));
        hold_to_its_word(&database, &["add-fk:c(pid)->p(id)"]);
    }
}
