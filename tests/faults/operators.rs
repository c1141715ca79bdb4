//! Two people, one plan; and a session that was believed dead.

use crate::stage::Stage;

#[test]
fn the_second_of_two_operators_is_told_who_is_first() {
    let stage = Stage::set("operators");
    let running = stage.under_way();
    let first = stage.id();
    let second = stage.run().run();
    assert_eq!(second.code, Some(5), "{second:#?}");
    assert!(second.stderr.contains("Another run works on") && second.stderr.contains(&first), "{second:#?}");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(stage.database.ask(&format!("SELECT state FROM waif.run WHERE id = '{first}'")), "finished");
    stage.the_journal_is_true();
    stage.keys_are_proved();
}

#[test]
fn a_zombie_that_was_taken_over_writes_nothing_more() {
    let stage = Stage::set("zombie");
    let zombie = stage.under_way();
    zombie.signal("STOP");
    // Its session still holds the row of the run, or the table: whoever takes over ends that session first.
    let refused = stage.resume().run();
    assert_eq!(refused.code, Some(5), "{refused:#?}");
    assert!(refused.stderr.contains("--take-over"), "{refused:#?}");
    let taken = stage.take_over().run();
    stage.ended_as_if_undisturbed(&taken);
    zombie.signal("CONT");
    let (code, said) = stage.end_of(zombie);
    // Whether it still hears why, or finds the line dead: the journal knows who has the run.
    assert!(code == Some(5) && said.contains("took this run over"), "{code:?} {said}");
    stage.ended_as_if_undisturbed(&taken);
}
