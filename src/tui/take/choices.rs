//! What can be copied where the cursor is, the most useful first. Statements come from the desk, which alone can quote:
//! they are asked for when the menu opens and filled in when they come.

use crate::job::Command;
use crate::model::list::Spelling;
use crate::model::text::visible;
use crate::model::value::Row;
use crate::tui::app::App;
use crate::tui::screen::relation::{Focus, State};
use crate::tui::screen::{Place, findings, graph, log, overview};
use crate::tui::take::order::Body;
use crate::tui::take::{command, row, ticket};

/// A text that can be taken away.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What the menu calls it.
    pub label: String,
    /// What a file with it is called, before the date, and its ending.
    pub file: (&'static str, &'static str),
    /// The text itself.
    pub text: Text,
}

/// The text of a choice.
#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    /// It is there.
    Ready(String),
    /// The desk is to spell it.
    Asked(Part),
    /// A list to be written to a file.
    Export(Box<Body>),
    /// There is none, for a reason.
    None(String),
}

/// A part of what the desk spells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The exact count.
    Count,
    /// FROM and WHERE of all orphans.
    Orphans,
    /// FROM and WHERE of the children of one missing parent.
    Children,
    /// FROM and WHERE of one child row.
    Row,
}

impl Part {
    /// This part of what was spelled.
    pub fn of(self, spelling: &Spelling) -> Option<&str> {
        match self {
            Self::Count => Some(&spelling.count),
            Self::Orphans => Some(&spelling.orphans),
            Self::Children => spelling.children.as_deref(),
            Self::Row => spelling.row.as_deref(),
        }
    }
}

/// What can be copied, and what the desk is to be asked for it.
#[derive(Debug, Default)]
pub struct Choices {
    /// What it is copied from.
    pub title: String,
    /// The texts.
    pub all: Vec<Choice>,
    /// The relation, missing parent and child row to spell statements about.
    pub about: Option<(usize, Option<Row>, Option<Row>)>,
}

impl Choices {
    /// The question to the desk.
    pub fn question(&self, ticket: u64) -> Option<Command> {
        let (relation, of, row) = self.about.clone()?;
        let wanted = self.all.iter().any(|choice| matches!(choice.text, Text::Asked(_)));
        wanted.then_some(Command::Spell { ticket, relation, of, row })
    }
}

fn ready(label: impl Into<String>, file: (&'static str, &'static str), text: String) -> Choice {
    Choice { label: label.into(), file, text: Text::Ready(text) }
}

fn asked(label: &str, stem: &'static str, part: Part) -> Choice {
    Choice { label: label.to_owned(), file: (stem, "sql"), text: Text::Asked(part) }
}

/// What can be copied from the list in front.
pub fn here(app: &App) -> Choices {
    match app.place {
        Place::Overview => overview::selected(app).map(|one| finding(app, one)),
        Place::Findings => findings::selected(app).map(|one| finding(app, one)),
        Place::Relations => app.screens.relations.list.selected().map(|place| relation(app, place)),
        Place::Relation => app.screens.relation.as_ref().map(|state| inside(app, state)),
        Place::Graph => Some(table(app)),
        Place::Plan => super::plan::here(app),
        Place::Run => super::plan::run(app),
        Place::Log => log::selected(&app.facts.log, &app.screens.log).map(|(_, sent)| Choices {
            title: "statement".to_owned(),
            all: vec![ready("the statement", ("statement", "sql"), sent.text.clone())],
            about: None,
        }),
    }
    .unwrap_or_default()
}

fn finding(app: &App, finding: &crate::model::finding::Finding) -> Choices {
    let ticket = ready("ticket text in Markdown", ("ticket", "md"), ticket::finding(&app.facts, finding));
    let place = finding.relation.as_deref().and_then(|id| app.facts.place_of(id));
    let Some(place) = place else {
        let object = ready("name of the object", ("object", "txt"), finding.object.clone());
        return Choices { title: finding.object.clone(), all: vec![ticket, object], about: None };
    };
    let mut all = vec![ticket];
    all.extend(names(app, place));
    all.extend(statements(app, place));
    Choices { title: finding.object.clone(), all, about: Some((place, None, None)) }
}

fn relation(app: &App, place: usize) -> Choices {
    let mut all =
        vec![ready("ticket text in Markdown", ("ticket", "md"), ticket::relation(&app.facts, place))];
    all.extend(names(app, place));
    all.extend(statements(app, place));
    let title = app.facts.relation(place).map(|(relation, _)| relation.id.clone()).unwrap_or_default();
    Choices { title, all, about: Some((place, None, None)) }
}

/// A relation's id and the name of its constraint.
fn names(app: &App, place: usize) -> Vec<Choice> {
    let Some((relation, _)) = app.facts.relation(place) else { return Vec::new() };
    let id = ready("id of the relation", ("relation", "txt"), relation.id.clone());
    let constraint = relation.constraint.as_ref();
    let name =
        constraint.map(|name| ready("name of the constraint", ("constraint", "txt"), name.raw().to_owned()));
    [Some(id), name].into_iter().flatten().collect()
}

/// What counts and what lists the orphans of a relation.
fn statements(app: &App, place: usize) -> Vec<Choice> {
    let Some((relation, _)) = app.facts.relation(place) else { return Vec::new() };
    let mut all = vec![
        asked("SQL that counts the orphans", "count", Part::Count),
        asked("FROM and WHERE of the orphans", "orphans", Part::Orphans),
        ready(
            "the command that lists the orphans",
            ("orphans", "sh"),
            command::orphans(&app.facts.address, &relation.id),
        ),
    ];
    let why = if relation.flaw.is_some() {
        Some("a broken reference has no orphans to list")
    } else if app.facts.server.is_none() {
        Some("there is no connection")
    } else {
        None
    };
    if let Some(why) = why {
        all.retain(|choice| !matches!(choice.text, Text::Ready(_)) || relation.flaw.is_none());
        for choice in &mut all {
            if matches!(choice.text, Text::Asked(_)) {
                choice.text = Text::None(why.to_owned());
            }
        }
    }
    all
}

/// On the screen of a relation: the ticket first while the missing parents have the keys, the row first in its own pane.
fn inside(app: &App, state: &State) -> Choices {
    let mut whole = relation(app, state.place);
    let parents = state.parents.got.as_ref();
    let key = parents.and_then(|got| got.keys.get(state.cursor.at)).map(|(key, _)| key.clone());
    let mut about = (state.place, None, None);
    let mut own = Vec::new();
    if let (Focus::Children, Some(list)) = (state.focus, &state.children.answer.got) {
        let at = state.children.cursor.at;
        about.1.clone_from(&state.children.of);
        about.2 = list.keys.get(at).cloned();
        if let Some(values) = list.rows.get(at) {
            own.push(ready("the row as JSON", ("row", "json"), row::json(&list.headings, values)));
            own.extend(about.2.as_ref().map(|_| asked("FROM and WHERE of the row", "row", Part::Row)));
            let column = list.headings.get(state.children.column).zip(values.get(state.children.column));
            own.extend(column.map(|(heading, value)| {
                let label = format!("value of the column {}", visible(heading));
                ready(label, ("value", "txt"), bare(value))
            }));
        }
    } else if let (Some(got), Some(key)) = (parents, key) {
        own.push(ready("the missing key as JSON", ("key", "json"), row::json(&got.headings, &key)));
        own.push(asked("FROM and WHERE of its children", "children", Part::Children));
        about.1 = Some(key);
    }
    let at = usize::from(state.focus == Focus::Parents).min(whole.all.len());
    whole.all.splice(at..at, own);
    Choices { about: Some(about), ..whole }
}

/// A value as it is stored: text without quotes, nothing for NULL.
fn bare(value: &crate::model::value::Value) -> String {
    match value {
        crate::model::value::Value::Text(text) => text.clone(),
        crate::model::value::Value::Null => String::new(),
        other => other.visible().into_owned(),
    }
}

fn table(app: &App) -> Choices {
    let name = graph::selected_table(app).map(|name| ready("name of the table", ("table", "txt"), name));
    let edge = graph::subject(app).map(|place| relation(app, place));
    let title = name.as_ref().map(|choice| choice.text.clone());
    let mut choices = edge.unwrap_or_default();
    if let Some(Text::Ready(title)) = title {
        choices.title = title;
    }
    choices.all.splice(0..0, name);
    choices
}
