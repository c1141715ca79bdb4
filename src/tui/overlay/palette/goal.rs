//! What a row of the palette leads to, how it is told, and how it is carried out.

use crate::model::ident::TableName;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::overlay::page::Page;
use crate::tui::overlay::picker::connect;
use crate::tui::screen::findings::page_of;
use crate::tui::screen::{Place, enter, graph, relation};
use crate::tui::theme::Role;
use crate::tui::update::{act, leave};

/// The words that name kinds: of commands, tables, relations, rules, connections.
const KINDS: [&str; 10] =
    ["command", "go", "to", "table", "open", "relation", "read", "rule", "connect", "profile"];

/// Whether a word, in small letters, names a kind.
pub fn names_a_kind(word: &str) -> bool {
    KINDS.contains(&word)
}

/// Where a row leads. It holds names, not places: the catalog may be read anew while the palette is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// What a key would do.
    Act(Action),
    /// A table, in the middle of the graph.
    Table(TableName),
    /// A relation, by its id.
    Relation(String),
    /// The page of a rule.
    Rule(&'static str),
    /// A connection of the book, by its name there.
    Connection(String),
}

impl Goal {
    /// What it is, in a word; an action shows its key instead.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Act(_) => "command",
            Self::Table(_) => "table",
            Self::Relation(_) => "relation",
            Self::Rule(_) => "rule",
            Self::Connection(_) => "profile",
        }
    }

    /// The words that stand before its name where there is room. Typed, they narrow to this kind.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Act(_) => "",
            Self::Table(_) => "Go to table ",
            Self::Relation(_) => "Open relation ",
            Self::Rule(_) => "Read rule ",
            Self::Connection(_) => "Connect to ",
        }
    }

    /// The words that narrow to its kind.
    fn called(&self) -> &'static [&'static str] {
        match self {
            Self::Act(_) => &KINDS[..1],
            Self::Table(_) => &KINDS[1..4],
            Self::Relation(_) => &KINDS[4..6],
            Self::Rule(_) => &KINDS[6..8],
            Self::Connection(_) => &KINDS[8..],
        }
    }

    /// Whether a word, in small letters, names its kind or is a part of its verb.
    pub fn is_called(&self, word: &str) -> bool {
        self.called().contains(&word)
    }

    /// Which kind comes first where two match equally well: names of tables are typed most.
    pub fn order(&self) -> u8 {
        match self {
            Self::Table(_) => 0,
            Self::Act(_) => 1,
            Self::Relation(_) => 2,
            Self::Rule(_) => 3,
            Self::Connection(_) => 4,
        }
    }

    /// Carries it out.
    pub fn reach(&self, app: &mut App) -> Vec<Effect> {
        match self {
            Self::Act(action) => act(app, *action),
            Self::Table(table) => to_table(app, table),
            Self::Relation(id) => match app.facts.place_of(id) {
                Some(place) => relation::open(app, place),
                None => gone(app, id),
            },
            Self::Connection(name) => match app.book.lines.iter().position(|line| line.name == *name) {
                Some(place) => connect::to(app, place),
                None => Vec::new(),
            },
            Self::Rule(rule) => {
                app.overlay = Some(Overlay::Page(rule_page(rule)));
                Vec::new()
            }
        }
    }
}

/// Puts a table in the middle of the graph; `back` leads to where one came from.
fn to_table(app: &mut App, table: &TableName) -> Vec<Effect> {
    if app.facts.neighbours.number_of(table).is_none() {
        let default = app.facts.server.as_ref().map_or("", |server| server.default_schema.as_str());
        let name = table.written(default);
        return gone(app, &name);
    }
    let effects = leave(app);
    graph::stand_on(app, table.clone());
    match app.place {
        Place::Graph => {}
        // A relation that was left for good is no way back; where it was opened from is.
        Place::Relation => app.place = Place::Graph,
        _ => enter(app, Place::Graph),
    }
    effects
}

fn gone(app: &mut App, name: &str) -> Vec<Effect> {
    app.say(format!("{name} is gone from the catalog."), Role::Warn);
    Vec::new()
}

fn rule_page(rule: &str) -> Page {
    let lines = page_of(rule);
    let copied = lines.iter().map(|(line, _)| format!("{line}\n")).collect();
    Page { title: format!("Rule · {rule}"), lines, copied, ..Page::default() }
}
