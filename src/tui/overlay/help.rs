//! The help: the table of keys, as far as it holds on the screen one came from.

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::keymap::{Binding, Context, written};
use crate::tui::overlay::page::Page;
use crate::tui::theme::Role;

/// The page of keys for the screen in front.
pub fn page(app: &App) -> Page {
    let place = app.place;
    let mut lines = vec![(about(app), Role::Dim), (String::new(), Role::Text)];
    // What holds here comes first; every other key is further down.
    let here = [place.context(), Context::List, Context::Everywhere];
    let elsewhere = Context::all().filter(|context| !here.contains(context));
    let groups = here.into_iter().chain(elsewhere).map(|context| (context.title().to_owned(), context));
    for (title, context) in groups {
        let rows = app.keymap.rows(context);
        if rows.is_empty() {
            continue;
        }
        lines.push((title, Role::Title));
        lines.extend(rows.iter().map(|row| (line(row), Role::Text)));
        lines.push((String::new(), Role::Text));
    }
    lines.push((
        "Nothing is written before X on Plan is confirmed: every other session is read-only, and the server holds it to that.".to_owned(),
        Role::Dim,
    ));
    let copied = lines.iter().map(|(line, _)| format!("{line}\n")).collect();
    Page { title: format!("Help · {}", place.title()), lines, copied, ..Page::default() }
}

/// How to find what is not here.
fn about(app: &App) -> String {
    let key = |contexts: &[Context], action| app.keymap.key_of(contexts, action).unwrap_or_default();
    let palette = key(&[Context::Everywhere], Action::Palette);
    let (search, next) = (key(&[Context::Page], Action::Filter), key(&[Context::Page], Action::NextMatch));
    format!(
        "{palette} on any screen finds commands, tables, relations and rules. {search} searches this page, {next} goes on."
    )
}

fn line(row: &Binding) -> String {
    let keys: Vec<String> = row.on.iter().map(|on| written(on)).collect();
    format!("  {:<12}  {}", keys.join(" "), row.desc)
}
