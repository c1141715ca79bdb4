//! The help: the table of keys, as far as it holds on the screen one came from.

use crate::tui::app::App;
use crate::tui::keymap::{Binding, Context, written};
use crate::tui::overlay::page::Page;
use crate::tui::theme::Role;

/// The page of keys for the screen in front.
pub fn page(app: &App) -> Page {
    let place = app.place;
    let mut lines = Vec::new();
    let groups = [
        (format!("On {}", place.title()), place.context()),
        ("In every list".to_owned(), Context::List),
        ("Everywhere".to_owned(), Context::Everywhere),
        ("While typing".to_owned(), Context::Text),
        ("On a page like this".to_owned(), Context::Page),
        ("In a menu".to_owned(), Context::Menu),
        ("In the menu of facets".to_owned(), Context::Facets),
    ];
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
        "Nothing here writes: every session is read-only, and the server holds it to that.".to_owned(),
        Role::Dim,
    ));
    let copied = lines.iter().map(|(line, _)| format!("{line}\n")).collect();
    Page { title: format!("Help · {}", place.title()), lines, copied, ..Page::default() }
}

fn line(row: &Binding) -> String {
    let keys: Vec<String> = row.on.iter().map(|on| written(on)).collect();
    format!("  {:<12}  {}", keys.join(" "), row.desc)
}
