//! The key table as text for the manual page and the README. Called by `cli` and by the test that holds the README to it.

use super::{Context, Keymap, written};
use std::fmt::Write as _;

/// The table by contexts: where, and what each row's keys do there.
pub fn entries(keymap: &Keymap) -> Vec<(&'static str, Vec<(String, String)>)> {
    let rows = |context: Context| {
        let rows = keymap.rows(context).iter().filter(|row| !row.on.is_empty());
        rows.map(|row| {
            let keys: Vec<String> = row.on.iter().map(|on| written(on)).collect();
            (keys.join(" "), row.desc.clone())
        })
        .collect()
    };
    Context::all().map(|context| (context.title(), rows(context))).collect()
}

/// The table in Markdown.
pub fn markdown(keymap: &Keymap) -> String {
    let mut text = String::from("| where | keys | what they do |\n|---|---|---|\n");
    for (title, rows) in entries(keymap) {
        for (at, (keys, desc)) in rows.iter().enumerate() {
            let keys: Vec<String> =
                keys.split(' ').map(|key| format!("`{}`", key.replace('|', "\\|"))).collect();
            let title = if at == 0 { title } else { "" };
            // Writing into a text cannot fail.
            let _ = writeln!(text, "| {title} | {} | {} |", keys.join(" "), desc.replace('|', "\\|"));
        }
    }
    text
}
