//! A screen as SVG: every cell in its place whatever font there is, lines and bars drawn as shapes.

use std::fmt::Write as _;
use vt100::{Cell, Color, Screen};

/// A cell in pixels.
const WIDE: f32 = 8.4;
const HIGH: f32 = 18.0;
const MARGIN: f32 = 10.0;
/// Where letters stand in their cell.
const BASE: f32 = 13.5;

/// Foreground, background, and the sixteen colours of the terminal.
const INK: &str = "#d0d4dc";
const PAPER: &str = "#14171c";
const PALETTE: [&str; 16] = [
    "#2a2f37", "#e06c75", "#98c379", "#e5c07b", "#6c9ef8", "#c678dd", "#56b6c2", "#c8ccd4", "#5c6370",
    "#ff7b86", "#b5e890", "#ffd787", "#8ab4ff", "#dd9cf0", "#7fd7e0", "#ffffff",
];

/// How a run of cells looks.
#[derive(Clone, Debug, PartialEq)]
struct Look {
    ink: String,
    paper: Option<String>,
    bold: bool,
    dim: bool,
    underlined: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let ink = color(cell.fgcolor()).unwrap_or_else(|| INK.to_owned());
        let paper = color(cell.bgcolor());
        let (ink, paper) = match cell.inverse() {
            true => (paper.unwrap_or_else(|| PAPER.to_owned()), Some(ink)),
            false => (ink, paper),
        };
        Self { ink, paper, bold: cell.bold(), dim: cell.dim(), underlined: cell.underline() }
    }

    fn attributes(&self) -> String {
        let mut text = format!("fill=\"{}\"", self.ink);
        let flags = [
            (self.bold, " font-weight=\"bold\""),
            (self.dim, " opacity=\".62\""),
            (self.underlined, " text-decoration=\"underline\""),
        ];
        flags.iter().filter(|(holds, _)| *holds).for_each(|(_, flag)| text.push_str(flag));
        text
    }
}

fn color(color: Color) -> Option<String> {
    match color {
        Color::Default => None,
        Color::Idx(number @ 0..16) => Some(PALETTE[usize::from(number)].to_owned()),
        Color::Idx(number @ 16..232) => {
            let part = |place: u8| (number - 16) / place % 6;
            let level = |part: u8| if part == 0 { 0 } else { 55 + 40 * part };
            Some(format!("#{:02x}{:02x}{:02x}", level(part(36)), level(part(6)), level(part(1))))
        }
        Color::Idx(number) => {
            let level = 8 + 10 * (number - 232);
            Some(format!("#{level:02x}{level:02x}{level:02x}"))
        }
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
    }
}

/// A run of cells in one row that look alike.
struct Run {
    x: u16,
    cells: u16,
    text: String,
    look: Look,
}

/// The picture.
pub fn picture(screen: &Screen, title: &str) -> String {
    let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
    let (width, height) = (f32::from(columns) * WIDE + 2.0 * MARGIN, f32::from(rows) * HIGH + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\">\n<title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{PAPER}\"/>\n\
         <g font-family=\"'DejaVu Sans Mono','Noto Sans Mono CJK JP',Menlo,Consolas,monospace\" font-size=\"14\" \
         xml:space=\"preserve\">\n",
        escaped(title)
    );
    for row in 0..rows {
        for run in runs(screen, row, columns) {
            draw(&mut out, &run, row);
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn runs(screen: &Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for x in 0..columns {
        let Some(cell) = screen.cell(row, x).filter(|cell| !cell.is_wide_continuation()) else { continue };
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let cells = if cell.is_wide() { 2 } else { 1 };
        let look = Look::of(cell);
        // Wide characters and shapes stand alone, so that no font can push their neighbours.
        let alone = cells == 2 || strokes(text).is_some() || bar(text).is_some();
        match runs.last_mut().filter(|run| !alone && run.look == look && !stands_alone(run)) {
            Some(run) => {
                run.text.push_str(text);
                run.cells += cells;
            }
            None => runs.push(Run { x, cells, text: text.to_owned(), look }),
        }
    }
    join_lines(runs)
}

fn stands_alone(run: &Run) -> bool {
    strokes(&run.text).is_some()
        || bar(&run.text).is_some()
        || (run.cells == 2 && run.text.chars().count() == 1)
}

/// Horizontal lines and bars in one colour become one shape.
fn join_lines(runs: Vec<Run>) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::new();
    for run in runs {
        let same = |last: &&mut Run| {
            let joins = run.text == "─" || bar(&run.text).is_some_and(|(_, _, wide, _)| wide == 1.0);
            joins && last.look == run.look && last.text == run.text && last.x + last.cells == run.x
        };
        match joined.last_mut().filter(same) {
            Some(last) => last.cells += run.cells,
            None => joined.push(run),
        }
    }
    joined
}

fn draw(out: &mut String, run: &Run, row: u16) {
    let (x, y) = (MARGIN + f32::from(run.x) * WIDE, MARGIN + f32::from(row) * HIGH);
    let wide = f32::from(run.cells) * WIDE;
    if let Some(paper) = &run.look.paper {
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{HIGH}\" fill=\"{paper}\"/>"
        );
    }
    if let Some([up, right, down, left]) = strokes(&run.text) {
        let (middle, centre) = (x + WIDE / 2.0, y + HIGH / 2.0);
        let mut path = String::new();
        if up || down {
            let (from, to) = (if up { y } else { centre }, if down { y + HIGH } else { centre });
            let _ = write!(path, "M{middle:.1} {from:.1}V{to:.1}");
        }
        if left || right {
            let (from, to) = (if left { x } else { middle }, if right { x + wide } else { middle });
            let _ = write!(path, "M{from:.1} {centre:.1}H{to:.1}");
        }
        let dashes = if run.text == "╌" { " stroke-dasharray=\"3 1.2\"" } else { "" };
        let dim = if run.look.dim { " opacity=\".62\"" } else { "" };
        let _ = writeln!(out, "<path d=\"{path}\" stroke=\"{}\"{dashes}{dim}/>", run.look.ink);
    } else if let Some((from, top, part, high)) = bar(&run.text) {
        let (x, y) = (x + WIDE * from, y + HIGH * top);
        let wide = if part == 1.0 { wide } else { WIDE * part };
        let attributes = run.look.attributes();
        let high = HIGH * high;
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\" {attributes}/>"
        );
    } else {
        letters(out, run, y + BASE);
    }
}

/// Text, held to its cells; blanks at the ends need no ink.
fn letters(out: &mut String, run: &Run, y: f32) {
    let before = run.text.len() - run.text.trim_start_matches(' ').len();
    let text = run.text.trim_matches(' ');
    if text.is_empty() {
        return;
    }
    let cells = f32::from(run.cells) - (run.text.len() - text.len()) as f32;
    let x = MARGIN + (f32::from(run.x) + before as f32) * WIDE;
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{:.1}\" {}>{}</text>",
        cells * WIDE,
        run.look.attributes(),
        escaped(text)
    );
}

/// Which arms a line has: up, right, down, left.
fn strokes(text: &str) -> Option<[bool; 4]> {
    Some(match text {
        "─" | "═" | "╌" => [false, true, false, true],
        "│" | "║" => [true, false, true, false],
        "┌" | "╭" => [false, true, true, false],
        "┐" | "╮" => [false, false, true, true],
        "└" | "╰" => [true, true, false, false],
        "┘" | "╯" => [true, false, false, true],
        "├" => [true, true, true, false],
        "┤" => [true, false, true, true],
        "┬" => [false, true, true, true],
        "┴" => [true, true, false, true],
        "┼" => [true, true, true, true],
        _ => return None,
    })
}

/// A block as parts of its cell: from the left, from the top, width, height.
fn bar(text: &str) -> Option<(f32, f32, f32, f32)> {
    Some(match text {
        "█" => (0.0, 0.0, 1.0, 1.0),
        "▇" => (0.0, 0.2, 1.0, 0.65),
        "▁" => (0.0, 0.75, 1.0, 0.1),
        "▌" => (0.0, 0.0, 0.5, 1.0),
        "▐" => (0.5, 0.0, 0.5, 1.0),
        _ => return None,
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
