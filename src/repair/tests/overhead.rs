//! What a key costs a write, measured on a real server: figures before and after, nothing left, nobody's trigger fired.

use super::backfill::{engine, ident, run_with, table};
use super::support::database::Database;
use super::watch::told;
use crate::model::plan::Parameters;
use crate::model::plan::step::{NewIndex, NewKey, Work};
use crate::model::relation::{Matching, Referential};
use crate::model::run::{Ended, News};
use crate::repair::run::execute::{Due, Terms};

/// A child that can hardly be copied: an identity that takes no value, a generated column, two unique keys; no index on
/// what refers to the parent.
const SCHEMA: &str = "
CREATE TABLE parents(id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name text NOT NULL UNIQUE);
INSERT INTO parents(name) SELECT 'p' || i FROM generate_series(1, 2000) i;
CREATE TABLE kids(id bigint GENERATED ALWAYS AS IDENTITY, code uuid NOT NULL DEFAULT md5(random()::text)::uuid UNIQUE, parent int,
  twice int GENERATED ALWAYS AS (parent * 2) STORED, pad text, PRIMARY KEY (id));
INSERT INTO kids(parent, pad) SELECT i % 2000 + 1, repeat('x', 200) FROM generate_series(1, 40000) i;
INSERT INTO kids(parent) VALUES (NULL);
ANALYZE;
";

fn steps() -> Vec<Due> {
    let key = NewKey {
        table: table("kids"),
        name: ident("kids_parent_fkey"),
        columns: vec![ident("parent")],
        parent: table("parents"),
        parent_columns: vec![ident("id")],
        on_delete: Referential::Restrict,
        on_update: Referential::NoAction,
        set_columns: Vec::new(),
        matching: Matching::Simple,
        deferrable: false,
        initially_deferred: false,
        not_valid: true,
        needs_proved_leaves: false,
        inherited: false,
    };
    let index = NewIndex {
        table: table("kids"),
        name: ident("kids_parent_idx"),
        columns: vec![ident("parent")],
        not_null: vec![ident("parent")],
        concurrently: true,
        only: false,
    };
    let due =
        |id: &str, work| Due { id: id.to_owned(), title: "a step".to_owned(), work: Some(work), asked: None };
    vec![due("1a", Work::AddKey(Box::new(key))), due("2a", Work::CreateIndex(Box::new(index)))]
}

async fn measured(database: &Database) -> (Vec<String>, Vec<News>) {
    let engine = engine(database).await;
    let terms = Terms { measure: true, ..Terms::default() };
    let (ended, news) = run_with(&engine, terms, steps(), Parameters::default(), false, |_, _| {}).await;
    engine.close().await;
    assert_eq!(ended, Ended::Finished, "{}", told(&ended));
    (database.ask("SELECT note FROM waif.step ORDER BY place").lines().map(str::to_owned).collect(), news)
}

/// Everything a measurement might have left.
fn state(database: &Database) -> String {
    database.ask(
        "SELECT (SELECT count(*) FROM kids), (SELECT sum(id) FROM kids), (SELECT count(*) FROM parents), (SELECT sum(id) FROM parents),
           (SELECT last_value FROM kids_id_seq), (SELECT last_value FROM parents_id_seq),
           (SELECT count(*) FROM pg_class WHERE relname = 'waif_rows')",
    )
}

/// The two figures after some words.
fn figures(note: &str, what: &str) -> (f64, f64) {
    let rest = note.split(&format!("{what} took ")).nth(1).unwrap_or_else(|| panic!("no {what}: {note}"));
    let mut words = rest.split(' ');
    let before = words.next().and_then(|word| word.parse().ok());
    let after = words.nth(3).and_then(|word| word.parse().ok());
    before.zip(after).unwrap_or_else(|| panic!("no figures: {note}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_are_timed_before_and_after_and_nothing_is_left_of_them() {
    let database = Database::with("overhead", SCHEMA);
    let before = state(&database);
    let (notes, news) = measured(&database).await;
    assert_eq!(state(&database), before, "rows, sequences and tables are what they were");
    let [key, index] = notes.as_slice() else { panic!("two notes: {notes:?}") };
    for (note, what) in [(key, "an insert"), (key, "the deletion of a parent"), (index, "an insert")] {
        let (before, after) = figures(note, what);
        assert!(before > 0.0 && after > 0.0 && before < 20.0, "{note}");
        assert!(note.contains("the budget of 10 ms more"), "{note}");
    }
    let (before, after) = figures(key, "the deletion of a parent");
    assert!(after > before, "every deletion of a parent reads the whole child, which has no index: {key}");
    let announced =
        news.iter().filter(|said| matches!(said, News::Line(line) if line.starts_with("Measuring ")));
    assert_eq!(announced.count(), 6, "each is announced, before the step and after it");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobodys_trigger_fires_and_the_reason_is_told() {
    let database = Database::with("overhead", SCHEMA);
    database.execute(
        "CREATE TABLE heard(what text);
         CREATE FUNCTION hear() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO heard VALUES (TG_OP); RETURN NEW; END $$;
         CREATE TRIGGER listens AFTER INSERT ON kids FOR EACH ROW EXECUTE FUNCTION hear()",
    );
    let (notes, _) = measured(&database).await;
    let [key, index] = notes.as_slice() else { panic!("two notes: {notes:?}") };
    for note in [key, index] {
        assert!(note.contains("an insert was not measured (triggers of the table would fire)"), "{note}");
    }
    figures(key, "the deletion of a parent");
    assert_eq!(database.count("SELECT count(*) FROM heard"), 0);
}
