//! The server is replaced: a standby takes over, or one is reached where the primary was. Nobody goes on without a person.

use crate::stage::Stage;
use crate::support::{Server, Waif, skipped};

/// A stage, and a standby that follows it.
fn pair(hint: &str) -> Option<(Stage, &'static Server)> {
    let server: &'static Server = Box::leak(Box::new(Server::start(&[])));
    let standby: &'static Server = Box::leak(Box::new(server.standby()?));
    Some((Stage::on(server, hint, &[]), standby))
}

fn followed(stage: &Stage) {
    let behind = "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_flush_lsn()";
    stage.until("the standby to have all of it", || {
        stage.database.execute("SELECT txid_current()");
        stage.database.count(behind) > 0
    });
}

fn words(stderr: &str) -> String {
    stderr.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_run_whose_server_was_replaced_by_its_standby_stops_and_asks() {
    let Some((stage, standby)) = pair("failover") else {
        return skipped("a failover", "this server came without pg_basebackup");
    };
    let after = stage.moved_to(standby);
    let running = stage.under_way();
    // It follows as fast as it can: what it has of the run is some batches, and not all.
    stage.until("the standby to have a batch", || after.batches() > 0);
    stage.database.server().kill();
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(3), "{said}");
    standby.control(&["-w", "promote"]);
    // What the standby had is all there is: its journal tells what is in its tables, whatever was lost.
    after.the_journal_is_true();
    let batches = after.batches();
    let asked = after.resume().run();
    assert_eq!(asked.code, Some(5), "{asked:#?}");
    let said = words(&asked.stderr);
    assert!(
        said.contains("promoted since the plan was made: its timeline was 00000001, and is 00000002"),
        "{said}"
    );
    assert!(said.contains("its last batch here is number") && said.contains("--promoted"), "{said}");
    assert_eq!(after.batches(), batches, "nothing was done");
    assert_eq!(after.database.ask("SELECT state FROM waif.run"), "paused");
    assert!(after.database.ask("SELECT note FROM waif.run").contains("promoted"));
    let (url, id, name) = (after.database.url(), after.id(), after.database.name());
    let outcome = Waif::new(["resume", &url, &id, "--promoted", "--allow-writes", "--confirm", name]).run();
    after.ended_as_if_undisturbed(&outcome);
    std::mem::forget(stage);
}

#[test]
fn a_plan_made_before_a_promotion_is_stale() {
    let Some((stage, standby)) = pair("promoted") else {
        return skipped("a promotion", "this server came without pg_basebackup");
    };
    followed(&stage);
    standby.control(&["-w", "promote"]);
    let after = stage.moved_to(standby);
    let refused = after.run().run();
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    let said = words(&refused.stderr);
    assert!(
        said.contains("The plan is stale") && said.contains("promoted since the plan was made"),
        "{said}"
    );
    assert_eq!(after.database.ask("SELECT to_regnamespace('waif') IS NULL"), "t", "nothing was written");
    after.make_plan(&[]);
    let outcome = after.run().run();
    after.ended_as_if_undisturbed(&outcome);
}

#[test]
fn at_a_standby_nothing_is_begun_and_nothing_goes_on() {
    let Some((stage, standby)) = pair("standby") else {
        return skipped("a standby", "this server came without pg_basebackup");
    };
    let running = stage.under_way();
    running.signal("INT");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(130), "{said}");
    followed(&stage);
    let there = stage.moved_to(standby);
    for outcome in [there.run().run(), there.resume().run()] {
        assert!(matches!(outcome.code, Some(2 | 5)), "{outcome:#?}");
        assert!(
            words(&outcome.stderr).contains("This is a standby: nothing can be written to it"),
            "{outcome:#?}"
        );
    }
    std::mem::forget(there);
    stage.resumes();
}

#[test]
fn another_cluster_under_the_same_name_is_told_apart() {
    let stage = Stage::alone("twin_cluster", &[]);
    let other: &'static Server = Box::leak(Box::new(Server::start(&[])));
    let name = stage.database.name();
    let made = other.psql("postgres", "postgres").args(["-c", &format!("CREATE DATABASE {name}")]).status();
    assert!(made.is_ok_and(|status| status.success()));
    let there = stage.moved_to(other);
    there.database.execute("CREATE TABLE events(id int)");
    let refused = there.run().run();
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    let said = words(&refused.stderr);
    assert!(said.contains("The plan is stale") && said.contains("This is another cluster"), "{said}");
    assert_eq!(there.database.ask("SELECT to_regnamespace('waif') IS NULL"), "t", "nothing was written");
}
