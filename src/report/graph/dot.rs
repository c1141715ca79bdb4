//! The graph for Graphviz. Nodes have names of our own, so that no name of a table can break out of its label.

use crate::report::graph::picture::{Look, Picture};
use std::io::{self, Write};

/// The graph, to be piped into `dot`.
///
/// # Errors
/// What the writer says.
pub fn dot(picture: &Picture<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "digraph waif {{")?;
    writeln!(out, "  graph [rankdir=LR, charset=\"UTF-8\", nodesep=0.3, ranksep=0.8];")?;
    writeln!(out, "  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];")?;
    writeln!(out, "  edge [fontname=\"sans-serif\", fontsize=9];")?;
    for (place, node) in picture.nodes.iter().enumerate() {
        let (style, missing) = if node.table.is_some() { ("", "") } else { (", style=dashed", " (missing)") };
        writeln!(out, "  t{place} [label=\"{}{missing}\"{style}];", label(&node.name))?;
    }
    for edge in &picture.edges {
        let look = match edge.look {
            Look::Sound => "color=\"#3a7d44\"",
            Look::Open => "color=\"#8a6d00\", style=dashed",
            Look::Broken => "color=\"#b3261e\", fontcolor=\"#b3261e\", penwidth=2",
        };
        let (columns, words) = (label(&edge.columns()), label(&edge.words.join(" · ")));
        writeln!(out, "  t{} -> t{} [label=\"{columns}\\n{words}\", {look}];", edge.from, edge.to)?;
    }
    writeln!(out, "}}")
}

/// Text within double quotes: Graphviz reads backslashes, quotes and HTML entities there.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;")
}
