//! Tables of odd make: columns that are computed of what is overwritten, and columns whose type was changed since.

use crate::support::Database;
use crate::ward::Ward;

/// Ten rows without a parent among fifteen.
const LOST: &str = "
CREATE TABLE p(id int PRIMARY KEY);
INSERT INTO p SELECT i FROM generate_series(1, 5) i;
CREATE TABLE c(id int PRIMARY KEY, pid int, COLUMNS);
INSERT INTO c SELECT i, CASE WHEN i > 5 THEN 100 + i ELSE i END FROM generate_series(1, 15) i;
";

#[test]
fn what_follows_a_computed_column_is_never_overwritten() {
    for follows in ["CASCADE", "SET NULL"] {
        let schema = LOST.replace("COLUMNS", "g int GENERATED ALWAYS AS (pid * 10) STORED UNIQUE");
        let ward = Ward::of(
            "computed",
            &format!(
                "{schema} CREATE TABLE z(id int PRIMARY KEY, cg int REFERENCES c(g) ON UPDATE {follows});
                 INSERT INTO z SELECT id, g FROM c;"
            ),
        );
        let said = ward.refused(&["nullify:c(pid)->p(id)"]);
        assert!(said.contains("g"), "{said}");
    }
}

#[test]
fn a_trigger_of_a_computed_column_is_told() {
    let schema = LOST.replace("COLUMNS", "note text, g int GENERATED ALWAYS AS (pid * 10) STORED");
    let ward = Ward::of(
        "listening",
        &format!(
            "{schema} CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.note := 'spoiled'; RETURN new; END $$;
             CREATE TRIGGER spoils BEFORE UPDATE OF g ON c FOR EACH ROW EXECUTE FUNCTION spoil();"
        ),
    );
    let said = ward.refused(&["nullify:c(pid)->p(id)"]);
    assert!(said.contains("The trigger spoils would fire"), "{said}");
}

#[test]
fn a_type_that_does_not_hold_what_was_kept_leaves_it_in_the_store() {
    let schema = LOST
        .replace("COLUMNS", "n numeric(10,4) DEFAULT 1.2345, at timestamptz DEFAULT '2026-01-02 12:34:56Z'");
    let ward = Ward::of("narrower", &schema);
    let before = ward.sums();
    ward.mended(&["quarantine:c(pid)->p(id)"]);
    assert_eq!(ward.held(), 10);
    ward.database.execute("ALTER TABLE c ALTER n TYPE numeric(5,1)");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.everything().contains("does not hold what it held"), "{outcome:#?}");
    assert_eq!(ward.held(), 10);
    // A wider one holds it.
    ward.database.execute("ALTER TABLE c ALTER n TYPE numeric(12,4)");
    let outcome = ward.restore(&["--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!((outcome.code, told["steps"][0]["came"].as_u64()), (Some(0), Some(10)), "{outcome:#?}");
    ward.database.execute("UPDATE c SET n = 1.2345; ALTER TABLE c ALTER n TYPE numeric(10,4)");
    assert_eq!(ward.sums(), before);
}

#[test]
fn a_copy_that_would_be_rounded_is_refused() {
    let ward = Ward::of(
        "rounded",
        "CREATE TABLE ev(id int PRIMARY KEY, day timestamptz NOT NULL, UNIQUE (day, id));
         CREATE TABLE au(id int PRIMARY KEY, ev int, day date, FOREIGN KEY (ev) REFERENCES ev);
         INSERT INTO ev SELECT i, now() FROM generate_series(1, 9) i; INSERT INTO au SELECT i, i FROM generate_series(1, 9) i;",
    );
    let copy = "[[copy]]\ncolumn = 'au.day'\nfrom = 'day'\nalong = 'au(ev)->ev(id)'\n";
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("copy.toml");
    std::fs::write(&file, copy).expect("a file");
    let url = ward.database.url();
    let outcome = crate::support::Waif::new(["plan", &url, "--stage", "backfill:au.day"])
        .env("WAIF_CONFIG", &file)
        .run();
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    let said = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("not every value would be the same"), "{outcome:#?}");
}

#[test]
fn rows_come_back_in_a_database_that_is_called_otherwise_by_now() {
    let ward = Ward::of("before", &LOST.replace("COLUMNS", "note text"));
    ward.mended(&["quarantine:c(pid)->p(id)"]);
    let (name, id) = (ward.database.name().to_owned(), ward.id());
    ward.until_nobody_works();
    let copy = format!("{name}_since");
    let other = Database::with("beside", "SELECT 1");
    other.execute(&format!("CREATE DATABASE {copy} TEMPLATE {name}"));
    let url = ward.database.url().replace(&name, &copy);
    let outcome = crate::support::waif(["restore", &url, &id, "--allow-writes", "--confirm", &copy]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stdout.contains("10 taken back, 0 left"), "{outcome:#?}");
    other.execute(&format!("DROP DATABASE {copy}"));
    assert_eq!(ward.held(), 10, "nothing was done where it was not asked for");
}

#[test]
fn one_value_that_is_refused_keeps_no_other_from_coming_back() {
    let ward =
        Ward::of("refused", &LOST.replace("COLUMNS", "note text").replace("pid int,", "pid int UNIQUE,"));
    ward.mended(&["nullify:c(pid)->p(id)"]);
    ward.database.execute("INSERT INTO c VALUES (1000, 110)");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!(ward.held(), 1, "{outcome:#?}");
    assert_eq!(ward.database.count("SELECT count(*) FROM c WHERE pid > 100 AND id < 1000"), 9);
    ward.database.execute("DELETE FROM c WHERE id = 1000");
    ward.restored();
    assert_eq!(ward.database.count("SELECT count(*) FROM c WHERE pid = 100 + id"), 10);
}

#[test]
fn keys_of_types_that_are_not_the_servers_own_are_found_again() {
    let ward = Ward::of(
        "foreign",
        "CREATE EXTENSION ltree; CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE DOMAIN no AS int;
         CREATE TABLE p(id int PRIMARY KEY); INSERT INTO p SELECT i FROM generate_series(1, 5) i;
         CREATE TABLE c(k ltree, m mood, d no, pid int, PRIMARY KEY (k, m, d));
         INSERT INTO c SELECT ('a.b' || i)::ltree, 'sad', i, CASE WHEN i > 5 THEN 100 + i ELSE i END FROM generate_series(1, 15) i;
         CREATE TABLE ways(way ltree PRIMARY KEY); INSERT INTO ways VALUES ('a.b');
         CREATE TABLE t(id int PRIMARY KEY, way ltree); INSERT INTO t VALUES (1, 'a.b'), (2, 'x.y');",
    );
    let before = ward.sums();
    ward.mended(&["nullify:c(pid)->p(id)"]);
    assert_eq!(ward.database.count("SELECT count(*) FROM c WHERE pid IS NULL"), 10);
    ward.restored();
    ward.database.execute("ALTER TABLE t ADD FOREIGN KEY (way) REFERENCES ways NOT VALID");
    ward.mended(&["nullify:t(way)->ways(way)"]);
    // The key would refuse it.
    ward.database.execute("ALTER TABLE t DROP CONSTRAINT t_way_fkey");
    ward.restored();
    assert_eq!(ward.sums(), before);
}
