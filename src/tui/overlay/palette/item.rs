//! The rows that can be found: commands of the screen one came from, and the names of the catalog, prepared once per
//! catalog so that a keystroke only compares.

use super::goal::Goal;
use crate::job::RULES;
use crate::model::text::visible;
use crate::tui::app::App;
use crate::tui::draw::footer::applies;
use crate::tui::facts::Facts;
use crate::tui::keymap::{Context, written};

/// A row that can be found.
#[derive(Debug)]
pub struct Item {
    /// Where it leads.
    pub goal: Goal,
    /// Its name, made visible.
    pub name: String,
    /// What it does, where the name does not say it.
    pub desc: String,
    /// The key that does the same, as a person writes it.
    pub key: String,
    /// The name in small letters: what is compared.
    pub(super) lower: String,
    /// Where the name begins behind its schema.
    pub(super) bare: usize,
    /// Another name it is known by, or what it does, in small letters.
    pub(super) also: String,
}

impl Item {
    fn new(goal: Goal, name: String, also: &str) -> Self {
        let lower = name.to_lowercase();
        Self {
            goal,
            name,
            desc: String::new(),
            key: String::new(),
            lower,
            bare: 0,
            also: also.to_lowercase(),
        }
    }
}

/// The names of a catalog: tables, relations, rules.
#[derive(Debug, Default)]
pub struct Index {
    /// The catalog they are from.
    pub version: u64,
    /// The names.
    pub items: Vec<Item>,
}

impl Index {
    /// Prepares the names of the catalog as it is known now. Partitions stand under their table, as in the graph.
    pub fn of(facts: &Facts) -> Self {
        let mut items = Vec::new();
        if let Some(catalog) = &facts.catalog {
            let mut tables: Vec<Item> = facts
                .neighbours
                .tables()
                .map(|table| {
                    let name = visible(&catalog.written(table)).into_owned();
                    let mut item = Item::new(Goal::Table(table.clone()), name, "");
                    let own = visible(table.name.raw()).to_lowercase();
                    item.bare = item.lower.rfind(&own).unwrap_or(0);
                    item
                })
                .collect();
            tables.sort_by(|a, b| a.name.cmp(&b.name));
            items.extend(tables);
            items.extend(catalog.relations.iter().map(|relation| {
                let constraint = relation.constraint.as_ref().map(|name| name.visible());
                Item::new(
                    Goal::Relation(relation.id.clone()),
                    visible(&relation.id).into_owned(),
                    &constraint.unwrap_or_default(),
                )
            }));
        }
        items.extend(RULES.iter().map(|rule| Item::new(Goal::Rule(rule.name), rule.name.to_owned(), "")));
        Self { version: facts.catalog_version, items }
    }
}

/// The commands that do something on the screen in front, in the order of the key table.
pub fn commands(app: &App) -> Vec<Item> {
    let contexts = [app.place.context(), Context::List, Context::Everywhere];
    let rows = contexts.iter().flat_map(|context| app.keymap.rows(*context));
    let mut items: Vec<Item> = Vec::new();
    for row in rows.filter(|row| applies(app, row.run)) {
        let goal = Goal::Act(row.run);
        if row.run == crate::tui::action::Action::Palette || items.iter().any(|item| item.goal == goal) {
            continue;
        }
        let mut item = Item::new(goal, row.run.name().replace('-', " "), &row.desc);
        item.desc.clone_from(&row.desc);
        item.key = row.on.first().map(|on| written(on)).unwrap_or_default();
        items.push(item);
    }
    let connections = app.book.lines.iter().map(|line| {
        let name = visible(&line.name).into_owned();
        Item::new(Goal::Connection(line.name.clone()), name, &line.place)
    });
    items.extend(connections);
    items
}
