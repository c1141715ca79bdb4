//! Accepting a finding: the piece of configuration that does it. It is shown, copied or written to a file of its own; waif
//! never changes a configuration by itself.

use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::overlay::line::{Line, Purpose};
use crate::tui::overlay::page::Page;
use crate::tui::screen::{Place, findings, overview};
use crate::tui::theme::Role;

/// Asks why the selected finding is accepted.
pub fn open(app: &mut App) -> Vec<Effect> {
    let finding = match app.place {
        Place::Overview => overview::selected(app),
        Place::Findings => findings::selected(app),
        _ => None,
    };
    let Some((rule, object)) = finding.map(|finding| (finding.rule, finding.object.clone())) else {
        app.say("Select a finding on Overview or Findings: i asks why it is accepted.", Role::Warn);
        return Vec::new();
    };
    let note = format!("Why is {rule} on {object} accepted? The reason stands in every report beside it.");
    let title = "Ignore with a reason";
    let purpose = Purpose::Reason(rule, object);
    app.overlay = Some(Overlay::Line(Box::new(Line::new(title, "", note, purpose))));
    Vec::new()
}

/// Shows the piece of configuration.
pub fn show(app: &mut App, rule: &str, object: &str, reason: &str) {
    let stanza = written(rule, object, reason);
    let mut page = Page::of("Ignore with a reason", &stanza);
    for line in [
        "",
        "Nothing was changed. y copies these lines, w writes them to a file of their own.",
        "Put them into one of the files that `waif config path` names.",
        "From the next start on every check lists the finding as set aside, with this reason.",
    ] {
        page.lines.push((line.to_owned(), Role::Dim));
    }
    page.file = ("suppress", "toml");
    app.overlay = Some(Overlay::Page(page));
}

/// The piece of configuration, its texts escaped as TOML wants them.
fn written(rule: &str, object: &str, reason: &str) -> String {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    format!(
        "[[suppress]]\nrule = {}\nobject = {}\nreason = {}\n",
        quoted(rule),
        quoted(object),
        quoted(reason)
    )
}

#[cfg(test)]
mod tests {
    use super::written;
    use crate::model::policy::Suppress;

    #[test]
    fn whatever_a_name_or_a_reason_holds_comes_back_as_it_was() {
        for text in ["plain", "say \"hi\" it's", "back\\slash", "new\nline\u{1b}[2J", "'''", "\"\"\""] {
            #[derive(serde::Deserialize)]
            struct File {
                suppress: Vec<Suppress>,
            }
            let stanza = written("orphan-rows", text, text);
            let file: File = toml::from_str(&stanza).unwrap_or_else(|error| panic!("{error}: {stanza}"));
            let [one] = &file.suppress[..] else { panic!("{stanza}") };
            assert_eq!(
                (one.rule.as_str(), one.object.as_str(), one.reason.as_str()),
                ("orphan-rows", text, text)
            );
        }
    }
}
