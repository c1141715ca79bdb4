//! What is in front, for a file: neither more nor less than what the screen shows or can be scrolled to.

use super::sheet::Kind;
use crate::model::catalog::TableId;
use crate::model::graph::Subgraph;
use crate::model::text::visible;
use crate::model::value::{Row, Value};
use crate::tui::app::App;
use crate::tui::screen::graph::sheet::tables::Sum;

/// What is in front.
#[derive(Debug)]
pub enum Shown {
    /// The picture.
    Picture {
        /// The table in the middle.
        name: String,
        /// Tables and relations.
        part: Subgraph,
        /// Relations near the table in the middle that are not in the picture.
        left_out: u64,
    },
    /// A sheet: what it is, and its lines.
    Lines(&'static str, String),
    /// The list of all tables, and how many its filter hides.
    Tables(Vec<Row>, u64),
}

/// What is in front now.
pub fn shown(app: &App) -> Option<Shown> {
    let state = &app.screens.graph;
    match &state.sheet {
        None => picture(app),
        Some(sheet) => Some(match sheet.kind {
            Kind::Tables => tables(app),
            Kind::Tree => Shown::Lines("the tree", sheet.text()),
            Kind::Path => Shown::Lines("the paths", sheet.text()),
            Kind::Order => Shown::Lines("the order", sheet.text()),
            Kind::Cycles => Shown::Lines("the cycles", sheet.text()),
        }),
    }
}

fn picture(app: &App) -> Option<Shown> {
    let state = &app.screens.graph;
    let scene = &state.picture.scene;
    let neighbours = &app.facts.neighbours;
    let centre = neighbours.name(*scene.tables.first()?)?;
    let name = app.facts.catalog.as_ref()?.written(centre);
    let mut tables: Vec<TableId> = scene.tables.iter().filter_map(|table| neighbours.id(*table)).collect();
    tables.sort_unstable();
    let mut relations: Vec<usize> = scene.edges().collect();
    relations.sort_unstable();
    Some(Shown::Picture {
        name: visible(&name).into_owned(),
        part: Subgraph { tables, relations },
        left_out: scene.hidden as u64,
    })
}

fn tables(app: &App) -> Shown {
    let tables = &app.screens.graph.tables;
    let neighbours = &app.facts.neighbours;
    let number = |number: u64| i64::try_from(number).map_or(Value::Null, Value::Int);
    // A sum that is not whole is told in the words of the screen, never as if it were.
    let sum = |sum: Sum| match sum {
        Sum { any: true, open: false, pending: false, broken: false, orphans } => number(orphans),
        Sum { any: false, .. } => Value::Null,
        sum => Value::Text(sum.told()),
    };
    let row = |table: &usize| {
        let (name, one) = neighbours.name(*table).zip(tables.figures.get(*table))?;
        Some(vec![
            Value::Text(app.facts.catalog.as_ref()?.written(name)),
            one.rows.map_or(Value::Null, |(rows, _)| number(rows)),
            one.rows.map_or(Value::Null, |(_, counted)| {
                Value::Text((if counted { "yes" } else { "no" }).to_owned())
            }),
            number(one.refers as u64),
            number(one.referred as u64),
            sum(one.out),
            sum(one.into),
        ])
    };
    let rows: Vec<Row> = tables.list.rows().iter().filter_map(row).collect();
    let left_out = neighbours.len().saturating_sub(rows.len()) as u64;
    Shown::Tables(rows, left_out)
}
