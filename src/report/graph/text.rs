//! The graph as text: every table with the tables it refers to, and what is to be said of each reference.

use crate::model::figure::counted;
use crate::report::graph::picture::{Edge, Look, Picture};
use crate::report::paper::{Ink, Paper};
use crate::report::table::width;
use std::io::{self, Write};

/// The list.
///
/// # Errors
/// What the writer says.
pub fn text(picture: &Picture<'_>, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    let of = |node: usize| picture.edges.iter().filter(move |edge| edge.from == node);
    let ends = |edge: &Edge| format!("{} → {}({})", edge.child, picture.nodes[edge.to].name, edge.parent);
    let widest = picture.edges.iter().map(|edge| width(&ends(edge))).filter(|ends| ends + 30 <= paper.width);
    let column = widest.max().unwrap_or(0);
    let mut alone = Vec::new();
    for (place, node) in picture.nodes.iter().enumerate() {
        let edges: Vec<&Edge> = of(place).collect();
        if edges.is_empty() {
            if node.table.is_some() && !picture.edges.iter().any(|edge| edge.to == place) {
                alone.push(node.name.as_str());
            }
            continue;
        }
        writeln!(out, "{}", paper.ink(Ink::Strong, &node.name))?;
        for (number, edge) in edges.iter().enumerate() {
            let twig = if number + 1 == edges.len() { "└─" } else { "├─" };
            let ends = ends(edge);
            let gap = " ".repeat(column.saturating_sub(width(&ends)) + 2);
            let (verdict, rest) = edge.words.split_first().map_or(("", &[][..]), |(word, rest)| (word, rest));
            let rest: String = rest.iter().map(|word| format!(" · {word}")).collect();
            writeln!(out, "  {twig} {ends}{gap}{}{rest}", paper.ink(ink(edge.look), verdict))?;
        }
    }
    if !alone.is_empty() {
        writeln!(out, "{}", paper.ink(Ink::Faint, "without any relation"))?;
        paper.wrap(2, &alone.join(", ")).iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    writeln!(
        out,
        "{}, {}.",
        counted(picture.nodes.iter().filter(|node| node.table.is_some()).count() as u64, "table", "tables"),
        counted(picture.edges.len() as u64, "relation", "relations")
    )
}

fn ink(look: Look) -> Ink {
    match look {
        Look::Sound => Ink::Good,
        Look::Open => Ink::Warn,
        Look::Broken => Ink::Alarm,
    }
}
