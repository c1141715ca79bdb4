//! The link breaks around a COMMIT: what became of it is looked up, never guessed.

use crate::stage::Stage;
use crate::support::{Proxy, Server};

fn proxy() -> Proxy {
    Proxy::before(Server::shared().socket())
}

// A COMMIT as it goes over the wire ends with a zero byte; READ COMMITTED does not.

#[test]
fn cut_before_commit_the_batch_left_nothing_and_that_is_said() {
    let proxy = proxy();
    let stage = Stage::behind("cut_before", proxy.port());
    let running = stage.under_way();
    proxy.cut_before("COMMIT\0");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("left nothing"), "{said}");
    stage.resumes();
}

#[test]
fn cut_after_commit_the_batch_is_there_and_not_done_again() {
    let proxy = proxy();
    let stage = Stage::behind("cut_after", proxy.port());
    let running = stage.under_way();
    proxy.cut_after("COMMIT\0");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("was committed"), "{said}");
    stage.resumes();
}

#[test]
fn cut_in_the_middle_of_a_batch_it_left_nothing() {
    let proxy = proxy();
    let stage = Stage::behind("cut_within", proxy.port());
    let running = stage.under_way();
    proxy.cut_after("INSERT INTO waif.batch");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(3), "{said}");
    stage.resumes();
}

#[test]
fn killed_before_it_hears_of_its_commit_the_batch_is_there_and_not_done_again() {
    let proxy = proxy();
    let stage = Stage::behind("unheard_of", proxy.port());
    let running = stage.under_way();
    proxy.fall_silent_after("COMMIT\0");
    stage.until("the silence", || proxy.is_silent());
    running.signal("KILL");
    drop(running);
    // The server does not know yet that the client is gone: its session is ended by whoever resumes.
    let outcome = stage.resume_directly().run();
    stage.ended_as_if_undisturbed(&outcome);
}

#[test]
fn a_transaction_the_server_does_not_remember_is_told_by_the_journal() {
    let proxy = proxy();
    let stage = Stage::behind("forgotten", proxy.port());
    let running = stage.under_way();
    proxy.say_instead("pg_catalog.txid_status($1::text::bigint)", "nullif($1::text, $1::text)              ");
    proxy.cut_after("COMMIT\0");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(3), "{said}");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("does not remember the last transaction; the journal does"), "{said}");
    stage.resumes();
}

#[test]
fn a_link_that_falls_silent_is_given_up_and_the_server_frees_what_it_held() {
    let proxy = proxy();
    let stage = Stage::behind("silent", proxy.port());
    let running = stage.under_way();
    // In the middle of a batch: the server has its rows locked, and waits for a client that hears nothing.
    proxy.fall_silent_after("INSERT INTO waif.batch");
    stage.until("the silence", || proxy.is_silent());
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("No answer from the server for"), "{said}");
    assert!(said.contains("was lost"), "{said}");
    stage.until("the end of the open transaction", || {
        stage.database.count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'waif/%' AND xact_start IS NOT NULL") == 0
    });
    stage.the_journal_is_true();
    let outcome = stage.resume_directly().run();
    stage.ended_as_if_undisturbed(&outcome);
}
