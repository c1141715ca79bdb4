//! A part of the graph as a file: a drawing, or the relations in it. Drawn by the writer.

use crate::model::catalog::Catalog;
use crate::model::graph::{Graph, Subgraph};
use crate::model::tally::Tally;
use crate::model::target::Environment;
use crate::report::Paper;
use crate::report::graph::{Picture, dot, json, mermaid, svg, text};
use std::io::{self, Write};
use std::sync::Arc;

/// What is drawn.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// The catalog.
    pub catalog: Arc<Catalog>,
    /// One tally per relation.
    pub tallies: Vec<Tally>,
    /// The tables and relations in it.
    pub part: Subgraph,
    /// How much care the place deserves.
    pub environment: Environment,
}

impl PartialEq for Drawing {
    fn eq(&self, other: &Self) -> bool {
        self.part == other.part
    }
}

/// The endings a drawing can be written under.
pub const ENDINGS: &str = "dot, mermaid, svg, txt or json";

impl Drawing {
    /// Whether there is a drawing for a file's ending.
    pub fn knows(ending: &str) -> bool {
        matches!(ending, "dot" | "gv" | "mermaid" | "mmd" | "svg" | "txt" | "json")
    }

    /// Draws it as the ending says.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, ending: &str, out: &mut dyn Write) -> io::Result<()> {
        let graph = Graph::of(&self.catalog);
        let picture = Picture::new(&self.catalog, &self.tallies, &graph, &self.part);
        match ending {
            "dot" | "gv" => dot(&picture, out),
            "mermaid" | "mmd" => mermaid(&picture, out),
            "svg" => svg(&picture, out),
            "json" => json(&picture, self.environment, out),
            _ => text(&picture, &Paper { width: 120, color: false }, out),
        }
    }
}
