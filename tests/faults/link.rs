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
