//! What is left when waif breaks off by a defect of its own: the terminal is given back, and a report says where it
//! happened. The words of a panic may quote a name, a row or a password; only those written into the program are told.
//! Called by `terminal`, which sets the hook, by the loop, which tells what other threads left behind, and by `cli` while a
//! run is followed without a terminal of ours.

use crate::model::run::News;
use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{Write, stderr};
use std::panic::{PanicHookInfo, set_hook};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Reports of threads that do not hold the terminal: they are told when it has been given back.
static KEPT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The run that goes on.
static RUN: Mutex<Option<String>> = Mutex::new(None);
/// Whether waif broke off where nobody holds a terminal.
static HAPPENED: AtomicBool = AtomicBool::new(false);

/// Remembers which run goes on: whoever is told of a defect is told of it too.
pub fn follow(news: &News) {
    let mut run = RUN.lock().unwrap_or_else(PoisonError::into_inner);
    match news {
        News::Began { run: id, .. } => *run = Some(id.clone()),
        News::Ended(_) => *run = None,
        _ => {}
    }
}

/// From now on a panic on any thread is reported at once. For whoever holds no terminal.
pub fn report() {
    set_hook(Box::new(|panic| {
        HAPPENED.store(true, Ordering::Release);
        print(&told(panic));
    }));
}

/// Whether anything was reported so.
pub fn happened() -> bool {
    HAPPENED.load(Ordering::Acquire)
}

/// From now on a panic on this thread gives the terminal back first. Elsewhere a defect ends one piece of work, which the
/// screen tells; the terminal stays ours.
pub fn guard(give_back: fn()) {
    let keeper = thread::current().id();
    set_hook(Box::new(move |panic| {
        let report = told(panic);
        if thread::current().id() == keeper {
            give_back();
            print(&report);
        } else {
            KEPT.lock().unwrap_or_else(PoisonError::into_inner).push(report);
        }
    }));
}

/// Tells what other threads left behind, once the terminal is given back.
pub fn tell() {
    let kept = std::mem::take(&mut *KEPT.lock().unwrap_or_else(PoisonError::into_inner));
    kept.iter().for_each(|report| print(report));
}

/// Whoever has no standard error hears nothing.
fn print(report: &str) {
    let _ = stderr().lock().write_all(report.as_bytes());
}

fn told(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    let mut report = format!(
        "waif {} broke off by a defect of its own{place}.\n{}\n{} Please report this.\n",
        env!("CARGO_PKG_VERSION"),
        words(panic.payload()),
        written()
    );
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        report.push_str(&trace.to_string());
    }
    report
}

/// What became of the database.
fn written() -> String {
    match RUN.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
        Some(run) => format!(
            "Run {run} was going on: what was committed stands in its journal, what was not leaves nothing. waif resume TARGET {run} goes on."
        ),
        None => "Nothing was written to the database.".to_owned(),
    }
}

/// The words of a panic, if they stand in the program's text; those put together at run time may quote data.
fn words(payload: &(dyn Any + Send)) -> &str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("Its words are left out: they may quote data.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_the_program_are_told() {
        let plain: Box<dyn Any + Send> = Box::new("the list is empty");
        assert_eq!(words(plain.as_ref()), "the list is empty");
        let quoting: Box<dyn Any + Send> = Box::new("no boundary in `postgres://u:canary@h`".to_owned());
        assert!(!words(quoting.as_ref()).contains("canary"));
    }
}
