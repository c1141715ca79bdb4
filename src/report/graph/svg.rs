//! The graph as a drawing that a browser or a report shows without other programs.

use crate::report::graph::layout::{Layout, Point, lay};
use crate::report::graph::picture::{Edge, Look, Node, Picture};
use crate::report::table::width;
use std::io::{self, Write};

/// How many tables a drawing stays readable with.
pub const MOST: usize = 60;

const MARGIN: f64 = 24.0;
const LETTER: f64 = 7.3;
const HEIGHT: f64 = 30.0;

const STYLE: &str = "text{font:12px ui-monospace,monospace;fill:#1f2328}\
.t{fill:#fff;stroke:#57606a}.m{stroke-dasharray:4 3;fill:none}\
.l{font-size:10px;paint-order:stroke;stroke:#fff;stroke-width:3px}\
.e{fill:none;stroke-width:1.4}.sound{stroke:#3a7d44}.open{stroke:#8a6d00;stroke-dasharray:6 4}\
.broken{stroke:#b3261e;stroke-width:2.4}.l.broken{stroke:#fff;stroke-width:3px;fill:#b3261e;font-weight:bold}";

/// A drawing of at most [`MOST`] tables; what it leaves out is said at its foot.
///
/// # Errors
/// What the writer says.
pub fn svg(picture: &Picture<'_>, out: &mut dyn Write) -> io::Result<()> {
    let picture = picture.clone().at_most(MOST);
    let (tied, alone): (Vec<usize>, Vec<usize>) = (0..picture.nodes.len())
        .partition(|place| picture.edges.iter().any(|edge| edge.from == *place || edge.to == *place));
    let place_of = |node: usize| tied.iter().position(|place| *place == node).unwrap_or(0);
    let size = |node: usize| (box_width(&picture.nodes[node]), HEIGHT);
    let sizes: Vec<(f64, f64)> = tied.iter().map(|node| size(*node)).collect();
    let lines: Vec<(usize, usize)> =
        picture.edges.iter().map(|edge| (place_of(edge.from), place_of(edge.to))).collect();
    let layout = lay(&sizes, &lines);
    let rows = in_rows(&picture, &alone, layout.width.max(720.0));
    let foot = foot(&picture);
    let drawn = layout.height + if alone.is_empty() { 0.0 } else { HEIGHT };
    let wide = rows.iter().map(|(_, at)| at.x).chain([layout.width]).fold(0.0, f64::max);
    let wide = wide.max(width(&foot) as f64 * LETTER) + 2.0 * MARGIN + 120.0;
    let high = drawn + rows.last().map_or(0.0, |(_, at)| at.y + HEIGHT) + 4.0 * MARGIN;

    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide:.0} {high:.0}\" \
                   width=\"{wide:.0}\" height=\"{high:.0}\" role=\"img\">"
    )?;
    let title = format!("References in {}", picture.catalog.server.database.visible());
    writeln!(out, "<title>{}</title><style>{STYLE}</style>", escaped(&title))?;
    writeln!(out, "{MARKER}<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>")?;
    writeln!(out, "<g transform=\"translate({MARGIN} {MARGIN})\">")?;
    for (line, edge) in picture.edges.iter().enumerate() {
        self::edge(edge, line, &layout, &sizes, &lines, out)?;
    }
    for (place, node) in tied.iter().enumerate() {
        table(&picture.nodes[*node], layout.centres[place], sizes[place].0, out)?;
    }
    for (node, at) in &rows {
        let at = Point { x: at.x, y: at.y + drawn + MARGIN };
        table(&picture.nodes[*node], at, size(*node).0, out)?;
    }
    let below = high - 2.0 * MARGIN;
    writeln!(out, "<text x=\"0\" y=\"{below:.0}\">{}</text>\n</g>\n</svg>", escaped(&foot))
}

const MARKER: &str = "<defs><marker id=\"to\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" \
markerHeight=\"7\" orient=\"auto-start-reverse\" markerUnits=\"userSpaceOnUse\"><path d=\"M0 0 8 4 0 8z\" \
fill=\"#57606a\"/></marker></defs>";

fn box_width(node: &Node) -> f64 {
    width(&node.name) as f64 * LETTER + 20.0
}

/// What stands below the drawing.
fn foot(picture: &Picture<'_>) -> String {
    let legend = "solid: clean · thick: orphans or broken · dashed: not checked";
    picture.left_out().map_or_else(|| legend.to_owned(), |left_out| format!("{legend}. {left_out}"))
}

/// Tables without any relation, in rows below the others.
fn in_rows(picture: &Picture<'_>, alone: &[usize], room: f64) -> Vec<(usize, Point)> {
    let (mut x, mut y) = (0.0, 0.0);
    let mut placed = Vec::new();
    for &node in alone {
        let wide = box_width(&picture.nodes[node]);
        if x > 0.0 && x + wide > room {
            (x, y) = (0.0, y + HEIGHT + 16.0);
        }
        placed.push((node, Point { x: x + wide / 2.0, y: y + HEIGHT / 2.0 }));
        x += wide + 16.0;
    }
    placed
}

fn table(node: &Node, at: Point, wide: f64, out: &mut dyn Write) -> io::Result<()> {
    let class = if node.table.is_some() { "t" } else { "t m" };
    let (left, top) = (at.x - wide / 2.0, at.y - HEIGHT / 2.0);
    writeln!(
        out,
        "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{HEIGHT}\" rx=\"5\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
        at.x,
        at.y + 4.0,
        escaped(&node.name)
    )
}

fn edge(
    edge: &Edge,
    line: usize,
    layout: &Layout,
    sizes: &[(f64, f64)],
    lines: &[(usize, usize)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let (from, to) = lines[line];
    // Lines between the same boxes, either way, run beside each other.
    let tied = |line: usize| (lines[line].0.min(lines[line].1), lines[line].0.max(lines[line].1));
    let twins: Vec<usize> = (0..lines.len()).filter(|other| tied(*other) == tied(line)).collect();
    let nth = twins.iter().position(|twin| *twin == line).unwrap_or(0);
    let (path, label) = if from == to {
        circle(layout.centres[from], sizes[from].0, nth)
    } else {
        let shift = (nth as f64 - (twins.len() - 1) as f64 / 2.0) * 14.0;
        curve(&layout.lines[line], sizes[from].0, sizes[to].0, shift)
    };
    let class = match edge.look {
        Look::Sound => "sound",
        Look::Open => "open",
        Look::Broken => "broken",
    };
    writeln!(out, "<path class=\"e {class}\" d=\"{path}\" marker-end=\"url(#to)\"/>")?;
    for (row, words) in [edge.columns(), edge.words.join(" · ")].iter().enumerate() {
        writeln!(
            out,
            "<text class=\"l {class}\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            label.x,
            label.y - 4.0 + 11.0 * row as f64,
            escaped(words)
        )?;
    }
    Ok(())
}

/// A curve through the points of a line, from the side of one box to the side of the other, and where its label goes.
fn curve(points: &[Point], from: f64, to: f64, shift: f64) -> (String, Point) {
    let mut points: Vec<Point> = points.iter().map(|at| Point { x: at.x, y: at.y + shift }).collect();
    let rightward = points.first().map(|at| at.x) < points.last().map(|at| at.x);
    let side = if rightward { 1.0 } else { -1.0 };
    if let Some(first) = points.first_mut() {
        first.x += side * from / 2.0;
    }
    if let Some(last) = points.last_mut() {
        last.x -= side * to / 2.0;
    }
    let mut path = points.first().map_or_else(String::new, |at| format!("M{:.1} {:.1}", at.x, at.y));
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let half = (a.x + b.x) / 2.0;
        path.push_str(&format!(" C{half:.1} {:.1} {half:.1} {:.1} {:.1} {:.1}", a.y, b.y, b.x, b.y));
    }
    // Near the child, where few lines have met yet.
    let label = match points.as_slice() {
        [a, b, ..] => Point { x: a.x + (b.x - a.x) * 0.5, y: a.y + (b.y - a.y) * 0.5 },
        _ => Point { x: 0.0, y: 0.0 },
    };
    (path, label)
}

/// A loop at the right end of a box that refers to itself.
fn circle(at: Point, wide: f64, nth: usize) -> (String, Point) {
    let right = at.x + wide / 2.0;
    let reach = 34.0 + 14.0 * nth as f64;
    let path = format!(
        "M{right:.1} {:.1} C{:.1} {:.1} {:.1} {:.1} {right:.1} {:.1}",
        at.y - 8.0,
        right + reach,
        at.y - 26.0,
        right + reach,
        at.y + 26.0,
        at.y + 8.0
    );
    (path, Point { x: right + reach + 40.0, y: at.y })
}

/// Text as XML takes it. Control characters are visible escapes already.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
