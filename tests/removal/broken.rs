//! Restores that are broken off by a person, or taken over by another one: what came back stays, and nothing more comes
//! from whoever lost it.

use crate::support::program::Running;
use crate::ward::Ward;
use std::collections::BTreeMap;

const SCHEMA: &str = "
CREATE TABLE events(id int PRIMARY KEY, name text);
INSERT INTO events SELECT i, 'event ' || i FROM generate_series(1, 3000) i WHERE i % 3 > 0;
CREATE TABLE logs(id bigint PRIMARY KEY, event int, body text);
INSERT INTO logs SELECT i, i % 3000 + 1, repeat('b', 200) FROM generate_series(1, 30000) i;
CREATE TABLE subs(log bigint REFERENCES logs ON DELETE CASCADE, n int);
INSERT INTO subs SELECT i, i FROM generate_series(1, 30000) i;
CREATE INDEX ON subs (log);
ANALYZE;
";

/// A restore with much left to do, and what everything was like before the rows were taken out.
fn coming_back(hint: &str) -> (Ward, BTreeMap<String, String>, Running) {
    let ward = Ward::of(hint, SCHEMA);
    let before = ward.sums();
    ward.plan_with(&["quarantine:logs(event)->events(id)"], &["--largest-batch", "200"]);
    ward.runs();
    let all = ward.held();
    let running = ward.armed("restore", &ward.id(), &[]).spawn_into(&ward.said());
    ward.until("the first rows that come back", || ward.held() < all);
    (ward, before, running)
}

fn state(ward: &Ward) -> String {
    ward.database.ask("SELECT state FROM waif.run")
}

#[test]
fn a_restore_that_is_stopped_by_a_signal_goes_on_later() {
    for (signal, code) in [("INT", 130), ("HUP", 129)] {
        let (ward, before, running) = coming_back("stopped");
        running.signal(signal);
        assert_eq!(ward.end_of(running), Some(code), "{}", ward.words());
        assert!(ward.held() > 0, "there is something left to bring back: {}", ward.words());
        assert_ne!(state(&ward), "restored");
        ward.restored();
        assert_eq!(ward.sums(), before);
        ward.the_journal_is_true();
    }
}

#[test]
fn a_restore_that_was_taken_over_brings_nothing_more_back() {
    let (ward, before, zombie) = coming_back("zombie");
    zombie.signal("STOP");
    let left = ward.held();
    assert!(left > 0, "there is something left to bring back");
    // Its session may hold the row of the run, or the table: whoever takes over ends that session first.
    let refused = ward.restore(&[]);
    assert_eq!(refused.code, Some(5), "{refused:#?}");
    assert!(refused.stderr.contains("--take-over"), "{refused:#?}");
    let taken = ward.restore(&["--take-over"]);
    assert_eq!(taken.code, Some(0), "{taken:#?}");
    assert_eq!((ward.held(), state(&ward).as_str()), (0, "restored"));
    zombie.signal("CONT");
    assert_eq!(ward.end_of(zombie), Some(5), "{}", ward.words());
    assert!(ward.words().contains("took this run over"), "{}", ward.words());
    assert_eq!(ward.sums(), before);
    assert_eq!(state(&ward), "restored");
    ward.the_journal_is_true();
}
