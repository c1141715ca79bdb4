//! The graph for Mermaid, which Markdown viewers draw.

use crate::report::graph::picture::{Look, Picture};
use std::fmt::Write as _;
use std::io::{self, Write};

/// A flowchart.
///
/// # Errors
/// What the writer says.
pub fn mermaid(picture: &Picture<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    for (place, node) in picture.nodes.iter().enumerate() {
        let missing = if node.table.is_some() { "" } else { " (missing)" };
        writeln!(out, "  t{place}[\"{}{missing}\"]", label(&node.name))?;
    }
    for edge in &picture.edges {
        let (left, right) = match edge.look {
            Look::Sound => ("--", "-->"),
            Look::Open => ("-.", ".->"),
            Look::Broken => ("==", "==>"),
        };
        let words = label(&format!("{} · {}", edge.columns(), edge.words.join(" · ")));
        writeln!(out, "  t{} {left} \"{words}\" {right} t{}", edge.from, edge.to)?;
    }
    let broken: Vec<String> = picture
        .edges
        .iter()
        .enumerate()
        .filter(|(_, edge)| edge.look == Look::Broken)
        .map(|(place, _)| place.to_string())
        .collect();
    if broken.is_empty() {
        return Ok(());
    }
    writeln!(out, "  linkStyle {} stroke:#b3261e,color:#b3261e", broken.join(","))
}

/// Text within double quotes: whatever is not plainly text becomes an entity, which Mermaid writes `#code;`.
fn label(text: &str) -> String {
    let mut label = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '_' | '.' | ',' | '(' | ')' | '→' | '·' | '≥') {
            label.push(c);
        } else {
            let _ = write!(label, "#{};", c as u32);
        }
    }
    label
}
