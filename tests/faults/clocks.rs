//! Clocks that jump: what a run waits for is measured by a clock that only goes forward, and windows are judged by the
//! server.

use crate::stage::Stage;
use crate::support::skipped;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The time of day as the program asks the system for it: a day ahead and a day behind by turns, or always so far off.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *at) {
  static int (*real)(clockid_t, struct timespec *);
  static long asked;
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int outcome = real(id, at);
  const char *days = getenv("TEST_DAYS");
  if (id == CLOCK_REALTIME && days)
    at->tv_sec += 86400 * (*days == 'j' ? (__sync_fetch_and_add(&asked, 1) % 2 ? 1 : -1) : atol(days));
  return outcome;
}
"#;

/// The shim, made for this machine.
fn shim(folder: &Path) -> Option<PathBuf> {
    let (source, made) = (folder.join("clock.c"), folder.join("clock.so"));
    std::fs::write(&source, SHIM).expect("a file");
    let done =
        Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&made).arg(&source).arg("-ldl").status();
    (cfg!(target_os = "linux") && done.is_ok_and(|done| done.success())).then_some(made)
}

#[test]
fn a_clock_that_jumps_by_days_changes_nothing() {
    let stage = Stage::with("jumps", &["--lock-timeout", "200ms", "--lock-tries", "50"]);
    let Some(shim) = shim(stage.folder.path()) else {
        return skipped("a clock that jumps", "it needs cc, on Linux");
    };
    let mut holder = stage.database.session();
    let running = stage.run().env("LD_PRELOAD", &shim).env("TEST_DAYS", "jumps").spawn_into(&stage.said());
    stage.until("a few batches", || stage.batches() >= 5);
    holder.say("BEGIN");
    holder.say("UPDATE events SET note = note WHERE parent IS NOT NULL AND parent_day IS NULL");
    stage.until("a word about waiting", || stage.words().contains("held a lock for longer than allowed"));
    holder.say("ROLLBACK");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(0), "{said}");
    stage.the_journal_is_true();
    stage.keys_are_proved();
    let far = "SELECT count(*) FROM waif.batch WHERE at NOT BETWEEN now() - interval '1 hour' AND now()";
    assert_eq!(stage.database.count(far), 0, "the journal has the server's time");
}

#[test]
fn a_window_is_over_when_the_server_says_so_whatever_the_clock_here_says() {
    let stage = Stage::set("clock_window");
    let Some(shim) = shim(stage.folder.path()) else {
        return skipped("a clock that is off", "it needs cc, on Linux");
    };
    let end = "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '90 s', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
    stage.make_plan(&["--window-end", &stage.database.ask(end)]);
    // Here it is over since two days; there it is open.
    let outcome = stage.run().env("LD_PRELOAD", &shim).env("TEST_DAYS", "2").run();
    stage.ended_as_if_undisturbed(&outcome);

    let late = Stage::set("clock_over");
    let end = "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '2 s', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
    late.make_plan(&["--window-end", &late.database.ask(end)]);
    std::thread::sleep(std::time::Duration::from_secs(3));
    // Here it lasts for two days more; there it is over.
    let outcome = late.run().env("LD_PRELOAD", &shim).env("TEST_DAYS", "-2").run();
    assert_eq!(outcome.code, Some(2), "{outcome:#?}");
    assert!(outcome.stderr.contains("The window of this plan ended"), "{outcome:#?}");
    assert_eq!(late.database.ask("SELECT to_regnamespace('waif') IS NULL"), "t", "nothing was written");
}
