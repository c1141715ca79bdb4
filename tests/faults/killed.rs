//! The program is killed: at instants nobody chose, before its first write, while it works.

use crate::stage::Stage;
use crate::support::Dice;
use crate::support::dice::seed;
use std::time::Duration;

/// Rounds of killing; `tests/run --soak` asks for more.
fn rounds() -> u32 {
    std::env::var("WAIF_TEST_KILLS")
        .ok()
        .map_or(20, |text| text.parse().expect("WAIF_TEST_KILLS is a number"))
}

#[test]
fn undisturbed_it_ends_where_one_update_would() {
    let stage = Stage::set("undisturbed");
    let outcome = stage.run().run();
    stage.ended_as_if_undisturbed(&outcome);
    let again = stage.run().run();
    assert!(
        matches!(again.code, Some(0)),
        "a plan that is carried out twice does nothing the second time: {again:#?}"
    );
    assert_eq!(stage.database.count("SELECT count(*) FROM waif.run WHERE state <> 'finished'"), 0);
    stage.keys_are_proved();
}

#[test]
fn killed_at_any_instant_it_goes_on_where_it_was() {
    let mut dice = Dice::new(seed());
    let (mut killed, mut stages) = (0, 0);
    while killed < rounds() {
        stages += 1;
        let stage = Stage::set("killed");
        let mut lives = 0;
        loop {
            let command = match stage.database.ask("SELECT to_regclass('waif.run') IS NOT NULL").as_str() {
                "t" if stage.database.count("SELECT count(*) FROM waif.run") > 0 => stage.resume(),
                _ => stage.run(),
            };
            // Some die before they have connected, some in the middle of a batch, some among the keys; after many deaths
            // one may live.
            let longest = if dice.chance(30) { 250 } else { 1500 };
            let life = if lives > 12 { 60_000 } else { 20 + dice.below(longest) };
            let mut running = command.spawn_into(&stage.said());
            let ended = running.wait_for(Duration::from_millis(life as u64));
            if let Some(status) = ended {
                let said = std::fs::read_to_string(stage.said()).unwrap_or_default();
                assert_eq!(status.code(), Some(0), "after {lives} deaths:\n{said}");
                break;
            }
            drop(running);
            (killed, lives) = (killed + 1, lives + 1);
            stage.until_nobody_works();
            stage.the_journal_is_true();
        }
        let outcome = stage.run().run();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        stage.the_journal_is_true();
        stage.keys_are_proved();
        let difference = "SELECT count(*) FROM (SELECT id, day, parent, parent_day, note FROM events EXCEPT ALL TABLE twin) a";
        assert_eq!(stage.database.count(difference), 0);
    }
    assert!(stages > 1, "every database was filled at last");
}

#[test]
fn killed_before_its_first_write_it_leaves_nothing() {
    let stage = Stage::set("early");
    let mut holder = stage.database.session();
    // The catalog cannot be read to the end while somebody alters the table.
    holder.say("BEGIN");
    holder.say("LOCK TABLE events IN ACCESS EXCLUSIVE MODE");
    let running = stage.run().spawn_into(&stage.said());
    std::thread::sleep(Duration::from_millis(700));
    drop(running);
    holder.say("ROLLBACK");
    stage.until_nobody_works();
    stage.the_journal_is_true();
    let outcome = stage.run().run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    stage.the_journal_is_true();
}

#[test]
fn killed_while_its_batch_waits_the_batch_leaves_nothing() {
    let stage = Stage::set("waiting");
    let mut holder = stage.database.session();
    let running = stage.under_way();
    holder.say("BEGIN");
    holder.say("UPDATE events SET note = note WHERE parent IS NOT NULL AND parent_day IS NULL");
    stage.until("a batch that waits", || {
        stage.database.count("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'waif/%' AND wait_event_type = 'Lock'") > 0
    });
    running.signal("KILL");
    drop(running);
    holder.say("ROLLBACK");
    stage.resumes();
}
