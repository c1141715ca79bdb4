//! Tables that let rows go and would not take them back: told before anything leaves.

use super::ward::Ward;

const QUARANTINE: &[&str] = &["quarantine:c(p)->p(id)"];

/// A table `c` of these columns, whose rows were written before it was declared like that.
fn redeclared(columns: &str, rows: &str, tail: &str) -> Ward {
    let ward = Ward::of("CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);");
    let bare: Vec<&str> = columns.split(", ").filter_map(|column| column.split(' ').next()).collect();
    ward.file.execute(&format!(
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p, {bare}); INSERT INTO c VALUES {rows}; PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = 'CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, {columns}) {tail}' WHERE name = 'c';",
        bare = bare.join(", "),
        columns = columns.replace('\'', "''")
    ));
    ward
}

#[test]
fn a_function_that_is_not_known_here_keeps_rows_in_their_table() {
    // The shell knows REGEXP; neither waif nor SQLite itself does.
    for column in ["m TEXT CHECK (m REGEXP '@')", "m TEXT, g AS (m REGEXP '@') STORED"] {
        let ward = Ward::of(&format!(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
             CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, {column}); INSERT INTO c (id, p, m) VALUES (1, 1, 'a@b');"
        ));
        ward.plan(QUARANTINE);
        ward.file.execute("INSERT INTO c (id, p, m) VALUES (2, 9, 'b@c')");
        let said = ward.refused(QUARANTINE);
        assert!(said.contains("SQLite cannot write a row to c here"), "{column}: {said}");
        assert!(said.to_lowercase().contains("regexp"), "{column}: {said}");
    }
}

#[test]
fn a_table_that_hangs_on_the_rows_is_asked_too() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INT); INSERT INTO c VALUES (1, 9);
         CREATE TABLE d (id INTEGER PRIMARY KEY, c INT REFERENCES c ON DELETE CASCADE, m CHECK (m REGEXP '@'));
         INSERT INTO d VALUES (1, 1, '@');",
    );
    let said = ward.refused(QUARANTINE);
    assert!(said.contains("SQLite cannot write a row to d here"), "{said}");
}

#[test]
fn a_trigger_that_names_what_is_not_there_is_told_before_rows_go_or_come() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INT); INSERT INTO c VALUES (1, 9);
         CREATE TRIGGER logs AFTER INSERT ON c BEGIN INSERT INTO gone VALUES (new.id); END;
         CREATE TRIGGER notes AFTER INSERT ON p BEGIN INSERT INTO gone VALUES (new.id); END;",
    );
    let said = ward.refused(QUARANTINE);
    assert!(said.contains("SQLite cannot write a row to c here: no such table: main.gone"), "{said}");
    let said = ward.refused(&["adopt:c(p)->p(id)?triggers=fire"]);
    assert!(said.contains("SQLite cannot write a row to p here: no such table: main.gone"), "{said}");
}

#[test]
fn rows_that_break_what_their_table_demands_are_counted() {
    let rows = "(1, 1, NULL), (2, 9, NULL), (3, 9, 1), (4, 9, NULL)";
    let said = redeclared("x INT NOT NULL", rows, "").refused(QUARANTINE);
    assert!(said.contains("In 2 rows of c that would go x is NULL, which it may not be"), "{said}");

    let rows = "(1, 1, 0), (2, 9, 0), (3, 9, 1), (4, 9, NULL)";
    let said = redeclared("x CHECK (c.x > 0)", rows, "").refused(QUARANTINE);
    assert!(said.contains("In 1 row of c that would go CHECK (c.x > 0) does not hold"), "{said}");

    let rows = "(2, 9, 'a', 1), (3, 9, 1, 'b'), (4, 9, NULL, 2)";
    let said = redeclared("x INT, y ANY", rows, "STRICT").refused(QUARANTINE);
    assert!(said.contains("In 1 row of c that would go x holds what its type does not keep"), "{said}");
    assert!(!said.contains("would go y"), "{said}");
}

#[test]
fn what_an_affinity_would_convert_is_told_from_what_it_keeps() {
    for (declared, converted, kept) in [
        ("INT", "'12', ' 1e1 ', 5.0", "'x', 12, 0.5, 1e300, x'3132', NULL"),
        ("NUMERIC", "'0.5', 5.0", "'0x1', 0.5, 7"),
        ("REAL", "'1'", "'x', 0.5, x'31'"),
        ("TEXT", "1, 0.5", "'1', x'31', NULL"),
        ("BLOB", "", "1, '1', 0.5"),
    ] {
        let table = |values: &str| {
            let values: Vec<&str> = values.split(", ").filter(|value| !value.is_empty()).collect();
            values
                .iter()
                .enumerate()
                .map(|(at, value)| format!("({}, 9, {value})", at + 2))
                .collect::<Vec<_>>()
        };
        if !converted.is_empty() {
            let rows = table(converted);
            let said = redeclared(&format!("x {declared}"), &rows.join(", "), "").refused(QUARANTINE);
            let told = format!("In {} row", rows.len());
            assert!(said.contains(&told) && said.contains("x holds what its type"), "{declared}: {said}");
        }
        let ward = redeclared(&format!("x {declared}"), &table(kept).join(", "), "");
        let before = ward.rows();
        ward.mended(QUARANTINE);
        ward.restored();
        assert_eq!(ward.rows(), before, "{declared}");
    }
}

#[test]
fn a_type_that_was_changed_meanwhile_is_not_laid_to_a_trigger() {
    let ward = redeclared("x", "(2, 9, '12')", "");
    ward.mended(QUARANTINE);
    ward.file.execute(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = 'CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, x INT)' WHERE name = 'c';",
    );
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("a column has another type by now"), "{outcome:#?}");
    assert!(!outcome.stdout.contains("trigger"), "{outcome:#?}");
}

#[test]
fn parents_are_inserted_only_where_their_key_holds_what_is_referred_to() {
    let values =
        "(1, 'abc'), (2, '5'), (3, 5.0), (4, 5.5), (5, x'31'), (6, 1e300), (7, 9.3e18), (8, NULL), (9, 6)";
    // Of what they hold the second, the third and the last are whole numbers; but for the fifth all can be written as text.
    for (parent, strange, fitting) in [
        ("p (id INTEGER PRIMARY KEY)", "5 rows of c refer", "id IN (2, 3, 9)"),
        ("p (id INT PRIMARY KEY) STRICT", "5 rows of c refer", "id IN (2, 3, 9)"),
        ("p (id TEXT PRIMARY KEY) STRICT", "1 row of c refers", "id <> 5"),
        ("p (id BLOB PRIMARY KEY) STRICT", "7 rows of c refer", "id = 5"),
    ] {
        let ward = Ward::of(&format!(
            "CREATE TABLE {parent}; CREATE TABLE c (id INTEGER PRIMARY KEY, p); INSERT INTO c VALUES {values};"
        ));
        let said = ward.refused(&["adopt:c(p)->p(id)"]);
        assert!(said.contains(strange) && said.contains("would not hold as it is"), "{parent}: {said}");
        ward.file.execute(&format!("DELETE FROM c WHERE NOT ({fitting})"));
        let before = ward.rows();
        ward.mended(&["adopt:c(p)->p(id)"]);
        ward.restored();
        assert_eq!(ward.rows(), before, "{parent}");
    }
}

#[test]
fn a_table_so_wide_that_no_store_takes_its_rows_is_refused() {
    let wide = |columns: usize| {
        let others: Vec<String> = (2..columns).map(|at| format!(", c{at}")).collect();
        Ward::of(&format!(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p{}); INSERT INTO c (id, p) VALUES (1, 9);",
            others.concat()
        ))
    };
    for columns in [1993, 2000] {
        let said = wide(columns).refused(QUARANTINE);
        assert!(said.contains("a store of its rows needs 8 beside them"), "{columns}: {said}");
    }
    let ward = wide(1992);
    let before = ward.file.ask("SELECT * FROM c");
    ward.mended(QUARANTINE);
    ward.restored();
    assert_eq!(ward.file.ask("SELECT * FROM c"), before);
}
