//! The program is killed while rows leave their tables, and while they come back. After every death every row is in its
//! table or in its store, whole, and the journal tells exactly what is where; at the end everything is as if nobody had
//! ever been killed.

use crate::support::Dice;
use crate::support::dice::seed;
use crate::ward::Ward;
use std::collections::BTreeMap;
use std::time::Duration;

/// Rounds of killing; `tests/run --soak` asks for more.
fn rounds() -> u32 {
    std::env::var("WAIF_TEST_KILLS")
        .ok()
        .map_or(20, |text| text.parse().expect("WAIF_TEST_KILLS is a number"))
}

/// Orders that lost their account, in partitions of which each has batches of its own: many instants to be killed at; lines and parts below them go along, notes lose their reference, tags get their default.
const DEEP: &str = "
CREATE TABLE accounts(id int PRIMARY KEY);
INSERT INTO accounts SELECT i FROM generate_series(1, 600) i;
CREATE TABLE orders(id int PRIMARY KEY, account int, total numeric(12,2), doc jsonb) PARTITION BY HASH (id);
DO $$ BEGIN FOR i IN 0..29 LOOP
  EXECUTE format('CREATE TABLE orders_%s PARTITION OF orders FOR VALUES WITH (MODULUS 30, REMAINDER %s)', i, i);
END LOOP; END $$;
INSERT INTO orders SELECT i, CASE WHEN i % 17 > 0 THEN i % 1000 + 1 END, i / 7.0, jsonb_build_object('n', i) FROM generate_series(1, 9000) i;
INSERT INTO orders VALUES (0, NULL);
CREATE TABLE lines(id int PRIMARY KEY, order_id int REFERENCES orders(id) ON DELETE CASCADE, raw bytea);
INSERT INTO lines SELECT i, i % 9000 + 1, decode(md5(i::text), 'hex') FROM generate_series(1, 14000) i;
CREATE TABLE parts(line int REFERENCES lines(id) ON DELETE CASCADE, no int, size int GENERATED ALWAYS AS (no * 2) STORED, PRIMARY KEY (line, no));
INSERT INTO parts SELECT i % 14000 + 1, i FROM generate_series(1, 20000) i;
CREATE TABLE notes(id int PRIMARY KEY, line int REFERENCES lines(id) ON DELETE SET NULL, body text);
INSERT INTO notes SELECT i, CASE WHEN i % 5 > 0 THEN i % 14000 + 1 END, 'note ' || i FROM generate_series(1, 9000) i;
CREATE TABLE tags(id int PRIMARY KEY, order_id int DEFAULT 0 REFERENCES orders(id) ON DELETE SET DEFAULT);
INSERT INTO tags SELECT i, i % 9000 + 1 FROM generate_series(1, 6000) i;
CREATE INDEX ON lines(order_id); CREATE INDEX ON notes(line); CREATE INDEX ON tags(order_id);
ANALYZE;
";

const QUARANTINE: &str = "quarantine:orders(account)->accounts(id)";

type Sums = BTreeMap<String, String>;

/// A ward with a plan whose batches are as small as can be.
fn planned(schema: &str, actions: &[&str]) -> Ward {
    let ward = Ward::of("killed", schema);
    ward.plan_with(actions, &["--batch-time", "1ms"]);
    ward
}

/// What must hold at every instant.
fn nothing_is_lost(ward: &Ward, start: &Sums) {
    assert_eq!(ward.conserved(), *start, "every row is in its table or in its store, as it was");
    ward.the_journal_is_true();
}

/// Kills the run and its resumptions until it ends; answers with the deaths.
fn killed_until_it_ends(ward: &Ward, dice: &mut Dice, start: &Sums, back: bool) -> u32 {
    let mut deaths = 0;
    loop {
        let begun = ward.database.ask("SELECT to_regclass('waif.run') IS NOT NULL") == "t"
            && ward.database.count("SELECT count(*) FROM waif.run") > 0;
        let command = match (back, begun) {
            (true, _) => ward.armed("restore", &ward.id(), &[]),
            (false, true) => ward.armed("resume", &ward.id(), &[]),
            (false, false) => ward.run(),
        };
        let longest = if dice.chance(30) { 250 } else { 2500 };
        let life = if deaths > 12 { 120_000 } else { 20 + dice.below(longest) };
        let mut running = command.spawn_into(&ward.said());
        if let Some(status) = running.wait_for(Duration::from_millis(life as u64)) {
            assert_eq!(status.code(), Some(0), "after {deaths} deaths:\n{}", ward.words());
            return deaths;
        }
        drop(running);
        deaths += 1;
        ward.until_nobody_works();
        nothing_is_lost(ward, start);
    }
}

#[test]
fn killed_at_any_instant_no_row_is_lost_and_all_come_back() {
    let mut dice = Dice::new(seed());
    let undisturbed = planned(DEEP, &[QUARANTINE]);
    let (start, whole) = (undisturbed.sums(), undisturbed.conserved());
    undisturbed.runs();
    let (end, held) = (undisturbed.sums(), undisturbed.held());
    assert!(held > 10_000, "{held}");
    let batches = undisturbed.database.count("SELECT count(*) FROM waif.batch");
    assert!(batches > 20, "many instants to be killed at: {batches}");
    let [mut runs, mut restores] = [0, 0];
    while runs + restores < rounds() || restores == 0 {
        let ward = planned(DEEP, &[QUARANTINE]);
        assert_eq!((ward.sums(), ward.conserved()), (start.clone(), whole.clone()));
        runs += killed_until_it_ends(&ward, &mut dice, &whole, false);
        assert_eq!(ward.sums(), end, "it ends where an undisturbed run ends");
        assert_eq!(ward.held(), held);
        nothing_is_lost(&ward, &whole);
        restores += killed_until_it_ends(&ward, &mut dice, &whole, true);
        assert_eq!(ward.sums(), start, "and everything comes back");
        assert_eq!(ward.held(), 0);
        assert_eq!(ward.database.ask("SELECT DISTINCT state FROM waif.run"), "restored");
        ward.the_journal_is_true();
    }
    assert!(runs > 0, "{runs} runs and {restores} restores were killed");
}

#[test]
fn killed_while_parents_are_inserted_and_references_cleared() {
    let schema = "
        CREATE TABLE p(id int PRIMARY KEY, name text DEFAULT 'new');
        INSERT INTO p SELECT i FROM generate_series(1, 20000) i WHERE i % 3 = 0;
        CREATE TABLE a(id int PRIMARY KEY, p int, t text);
        INSERT INTO a SELECT i, i, 't' || i FROM generate_series(1, 20000) i;
        CREATE TABLE q(id int PRIMARY KEY);
        CREATE TABLE b(id int PRIMARY KEY, q int, t text);
        INSERT INTO b SELECT i, i, 't' || i FROM generate_series(1, 9000) i;
        ANALYZE;";
    let actions = ["adopt:a(p)->p(id)", "nullify:b(q)->q(id)"];
    let mut dice = Dice::new(seed().wrapping_add(1));
    let undisturbed = planned(schema, &actions);
    let start = undisturbed.sums();
    undisturbed.runs();
    let end = undisturbed.sums();
    let mut deaths = 0;
    while deaths < rounds().div_ceil(4) {
        let ward = planned(schema, &actions);
        deaths += killed_until_it_ends(&ward, &mut dice, &start, false);
        assert_eq!(ward.sums(), end);
        deaths += killed_until_it_ends(&ward, &mut dice, &start, true);
        assert_eq!(ward.sums(), start);
        assert_eq!(ward.held(), 0);
    }
}
