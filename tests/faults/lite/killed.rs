//! The program is killed at instants nobody chose, on files of both journal modes.

use super::stage::{MODES, Rows, Stage};
use crate::support::Dice;
use crate::support::dice::seed;
use std::time::Duration;

/// Rounds of killing for each journal mode; `tests/run --soak` asks for more.
fn rounds() -> u32 {
    std::env::var("WAIF_TEST_KILLS")
        .ok()
        .map_or(20, |text| text.parse().expect("WAIF_TEST_KILLS is a number"))
}

#[test]
fn undisturbed_it_ends_where_one_update_would() {
    for mode in MODES {
        for rows in Rows::ALL {
            let stage = Stage::set(mode, rows);
            let outcome = stage.run().run();
            stage.ended_as_if_undisturbed(&outcome);
            let again = stage.run().run();
            assert_eq!(again.code, Some(0), "carried out twice it does nothing the second time: {again:#?}");
            assert_eq!(stage.count("SELECT count(*) FROM waif_run"), 1, "{mode} {rows:?}");
        }
    }
}

#[test]
fn a_backfill_is_taken_back_by_the_statement_of_the_plan() {
    for rows in Rows::ALL {
        let stage = Stage::set("WAL", rows);
        let shown = crate::support::waif([
            "show",
            &stage.file.folder().join("plan.json").display().to_string(),
            "--format",
            "json",
        ]);
        let plan: serde_json::Value = serde_json::from_str(&shown.stdout).expect("JSON");
        let statement = plan["steps"][1]["undo"]["statements"][0].as_str().expect("a statement").to_owned();
        let outcome = stage.run().run();
        stage.ended_as_if_undisturbed(&outcome);
        // A row the application changed since is its own.
        stage.execute("UPDATE events SET parent_day = NULL WHERE note = 'note 11'; UPDATE events SET parent_day = 'mine' WHERE note = 'note 14'");
        // Numbers of rows that are not the key may change.
        stage.execute("VACUUM");
        let record =
            stage.ask("SELECT name FROM sqlite_schema WHERE name LIKE 'waif_record%' AND type = 'table'");
        stage.execute(&statement.replace("waif_record_RUN_STEP", &record));
        let unlike = "SELECT count(*) FROM (SELECT id, day, parent_day FROM events WHERE note <> 'note 14' EXCEPT SELECT id, day, parent_day FROM before)";
        assert_eq!(stage.count(unlike), 0, "{rows:?}: {statement}");
        assert_eq!(stage.ask("SELECT parent_day FROM events WHERE note = 'note 14'"), "mine");
    }
}

fn killed_at_any_instant(mode: &str) {
    let mut dice = Dice::new(seed());
    let (mut killed, mut stages) = (0, 0);
    while killed < rounds() {
        let stage = Stage::set(mode, Rows::ALL[stages % Rows::ALL.len()]);
        stages += 1;
        let mut lives = 0;
        loop {
            let command = if stage.has_run() { stage.resume() } else { stage.run() };
            // Some die before they have opened the file, some in the middle of a batch, some at the index; after many deaths
            // one may live.
            let longest = if dice.chance(30) { 120 } else { 600 };
            let life = if lives > 12 { 60_000 } else { 10 + dice.below(longest) };
            let mut running = command.spawn_into(&stage.said());
            let ended = running.wait_for(Duration::from_millis(life as u64));
            if let Some(status) = ended {
                let said = std::fs::read_to_string(stage.said()).unwrap_or_default();
                assert_eq!(status.code(), Some(0), "{mode}, after {lives} deaths:\n{said}");
                break;
            }
            drop(running);
            (killed, lives) = (killed + 1, lives + 1);
            stage.the_journal_is_true();
        }
        let outcome = stage.run().run();
        stage.ended_as_if_undisturbed(&outcome);
    }
}

#[test]
fn killed_at_any_instant_it_goes_on_where_it_was_with_a_log() {
    killed_at_any_instant("WAL");
}

#[test]
fn killed_at_any_instant_it_goes_on_where_it_was_without_a_log() {
    killed_at_any_instant("DELETE");
}
