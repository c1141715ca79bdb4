//! Names of files, and what is said when one was written or could not be.

use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::overlay::line;
use crate::tui::take::order::{Body, Refusal, Written};
use crate::tui::take::paged;
use crate::tui::take::source::Source;
use crate::tui::theme::Role;
use crate::tui::widget::figure::counted;

/// A name for a new file: what it holds, when, and its ending.
pub fn name(app: &App, stem: &str, ending: &str) -> String {
    let now = app.opened.checked_add(app.facts.now).unwrap_or(app.opened);
    format!("waif-{stem}-{}.{ending}", now.strftime("%Y-%m-%d-%H%M"))
}

/// Another name beside one that is taken: `a.csv`, `a-2.csv`, `a-3.csv`.
pub fn another(name: &str) -> String {
    let (folder, file) = name.rfind('/').map_or(("", name), |at| name.split_at(at + 1));
    let (stem, ending) = match file.rfind('.') {
        Some(at) if at > 0 => file.split_at(at),
        _ => (file, ""),
    };
    // Four digits are the time of day.
    let counted = stem.rsplit_once('-').filter(|(stem, tail)| tail.len() < 4 && !stem.is_empty());
    let (stem, number) = match counted.map(|(stem, tail)| (stem, tail.parse::<u64>())) {
        Some((stem, Ok(number))) => (stem, number + 1),
        _ => (stem, 2),
    };
    format!("{folder}{stem}-{number}{ending}")
}

/// Takes in what came of an order.
pub fn written(app: &mut App, written: Written) -> Vec<Effect> {
    if let (Some(running), Ok(figures)) = (&app.export, written.outcome.as_ref())
        && running.ticket == written.ticket
    {
        return paged::written(app, *figures);
    }
    let Some((title, path, body)) = app.saves.remove(&written.ticket) else { return Vec::new() };
    let mine = app.export.take_if(|running| running.ticket == written.ticket);
    let effects = mine.map(paged::dropped).unwrap_or_default();
    match written.outcome {
        // A list that was stopped while a page of it was on its way to the file.
        Ok(figures) if !figures.done => {}
        Ok(figures) => {
            let bytes = counted(figures.bytes, "byte", "bytes");
            let rows =
                figures.rows.map(|rows| format!("{}, ", counted(rows, "row", "rows"))).unwrap_or_default();
            let hidden = left_out(&body);
            app.say_long(format!("Wrote {path}: {rows}{bytes}.{hidden}"), Role::Good);
        }
        Err(refusal) => {
            let why = match &refusal {
                Refusal::Exists => {
                    format!("{path} exists already and stays as it is. This name is free to try.")
                }
                Refusal::Failed(why) => format!("{path} could not be written: {why}."),
            };
            let name = if refusal == Refusal::Exists { another(&path) } else { path };
            if app.overlay.is_some() {
                app.say_long(why, Role::Bad);
            } else {
                line::save(app, &title, &name, body, Some(why));
            }
        }
    }
    effects
}

/// What is said of rows a filter kept out of the file.
fn left_out(body: &Body) -> String {
    match body {
        Body::List(Source { left_out, title, .. }) if *left_out > 0 => {
            let filter = title.filter.as_deref().unwrap_or_default();
            format!(" The filter {filter} left out {}.", counted(*left_out, "row", "rows"))
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::another;

    #[test]
    fn another_name_counts_on_and_leaves_dates_and_folders_alone() {
        for (name, next) in [
            ("waif-findings-2026-11-21-0112.csv", "waif-findings-2026-11-21-0112-2.csv"),
            ("waif-findings-2026-11-21-0112-2.csv", "waif-findings-2026-11-21-0112-3.csv"),
            ("~/a.b/list", "~/a.b/list-2"),
            ("/x/.hidden", "/x/.hidden-2"),
            ("a.tar.gz", "a.tar-2.gz"),
        ] {
            assert_eq!(another(name), next);
        }
    }
}
