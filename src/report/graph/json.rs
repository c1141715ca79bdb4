//! The graph as JSON: tables, and relations as a check tells them.

use crate::model::tally::{Tally, Why};
use crate::model::target::Environment;
use crate::report::check::At;
use crate::report::graph::picture::Picture;
use crate::report::relation::Told;
use crate::report::{FORMAT, Tool, pretty};
use serde::Serialize;
use std::io::{self, Write};

/// One document.
///
/// # Errors
/// What the writer says.
pub fn json(picture: &Picture<'_>, environment: Environment, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        format: u32,
        tool: Tool,
        target: At<'a>,
        tables: Vec<Table<'a>>,
        relations: Vec<Told<'a>>,
    }
    #[derive(Serialize)]
    struct Table<'a> {
        schema: &'a str,
        table: &'a str,
    }
    let catalog = picture.catalog;
    let tables = picture.nodes.iter().filter_map(|node| catalog.table(node.table?));
    let pending = Tally::not_checked(Why::Pending);
    let relations = picture.edges.iter().filter_map(|edge| {
        let relation = catalog.relations.get(edge.relation)?;
        Some(Told::new(catalog, relation, picture.tallies.get(edge.relation).unwrap_or(&pending)))
    });
    let document = Document {
        format: FORMAT,
        tool: Tool::WAIF,
        target: At::new(&catalog.server, environment),
        tables: tables
            .map(|table| Table { schema: table.name.schema.raw(), table: table.name.name.raw() })
            .collect(),
        relations: relations.collect(),
    };
    pretty(&document, out)
}
