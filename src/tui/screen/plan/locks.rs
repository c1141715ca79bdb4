//! The preview of a step's locks: which tables, for how long, and what of others goes on meanwhile. Tables that are locked
//! alike share a line, so that twelve partitions are not twelve times the same.

use super::says::Lines;
use crate::model::plan::lock::{Held, Mode};
use crate::model::plan::step::Step;
use crate::tui::app::App;
use crate::tui::theme::Role;
use crate::tui::widget::figure::took;
use std::time::Duration;

/// What others do, and the weakest lock they need for it.
const OTHERS: [(&str, Mode); 4] = [
    ("SELECT", Mode::AccessShare),
    ("INSERT UPDATE DELETE", Mode::RowExclusive),
    ("VACUUM", Mode::ShareUpdateExclusive),
    ("ALTER", Mode::AccessExclusive),
];

/// The preview.
pub(super) fn preview(app: &App, step: &Step) -> Lines {
    let mut lines: Lines = vec![("Locks".to_owned(), Role::Dim)];
    let groups = groups(step.all_locks());
    if groups.is_empty() {
        lines.push(("  none on any table".to_owned(), Role::Text));
        return lines;
    }
    for (held, tables) in groups {
        let role = if held.mode >= Mode::Share { Role::Warn } else { Role::Text };
        lines.push((format!("  {} {}", held.mode.words(), held.span.words()), role));
        lines.push((format!("    {}", meanwhile(held.mode)), role));
        lines.push((format!("    on {}", tables.join(", ")), Role::Text));
    }
    let own = &app.mend.parameters;
    let wait = took(Duration::from_millis(own.lock_timeout));
    lines.push((
        format!(
            "  Each is waited for {wait} at most, then left and tried again, {} times (T).",
            own.lock_tries
        ),
        Role::Dim,
    ));
    lines
}

/// `SELECT ok · INSERT UPDATE DELETE ok · VACUUM waits · ALTER waits`. A lock on a file is on all of it, whatever others do.
fn meanwhile(mode: Mode) -> String {
    if !Mode::ALL.contains(&mode) {
        return mode.blocks().to_owned();
    }
    let word = |needs: Mode| if mode.conflicts(needs) { "waits" } else { "ok" };
    let words: Vec<String> = OTHERS.iter().map(|(what, needs)| format!("{what} {}", word(*needs))).collect();
    words.join(" · ")
}

fn groups<'a>(locks: impl Iterator<Item = &'a Held>) -> Vec<(&'a Held, Vec<&'a str>)> {
    let mut groups: Vec<(&Held, Vec<&str>)> = Vec::new();
    for held in locks {
        match groups.iter_mut().find(|(known, _)| known.mode == held.mode && known.span == held.span) {
            Some((_, tables)) => tables.push(&held.table),
            None => groups.push((held, vec![&held.table])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_what_the_table_of_conflicts_says() {
        assert_eq!(
            meanwhile(Mode::RowExclusive),
            "SELECT ok · INSERT UPDATE DELETE ok · VACUUM ok · ALTER waits"
        );
        assert_eq!(
            meanwhile(Mode::ShareUpdateExclusive),
            "SELECT ok · INSERT UPDATE DELETE ok · VACUUM waits · ALTER waits"
        );
        assert_eq!(
            meanwhile(Mode::ShareRowExclusive),
            "SELECT ok · INSERT UPDATE DELETE waits · VACUUM waits · ALTER waits"
        );
        assert_eq!(
            meanwhile(Mode::AccessExclusive),
            "SELECT waits · INSERT UPDATE DELETE waits · VACUUM waits · ALTER waits"
        );
        assert_eq!(meanwhile(Mode::FileAlone), "everybody waits, readers too");
        assert_eq!(meanwhile(Mode::FileWrite), "readers go on; every other writer of the file waits");
        assert!(meanwhile(Mode::FileExclusive).contains("every other writer of the file waits"));
    }
}
