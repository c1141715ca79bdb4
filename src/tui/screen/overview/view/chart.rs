//! The orphans of the last whole checks as bars: one bar a check, the height from zero, the times of the first and the last
//! below. Drawn on wide screens.

use crate::job::Point;
use crate::tui::app::App;
use crate::tui::theme::Role;
use crate::tui::widget::figure::count;
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::Pen;
use jiff::SignedDuration;
use ratatui::layout::Rect;

/// Cells for the figures at the left.
const FIGURES: u16 = 11;
const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Draws the pane.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let points = &app.facts.past.points;
    let room = usize::from(area.width.saturating_sub(FIGURES + 4));
    let shown = points.get(points.len().saturating_sub(room)..).unwrap_or_default();
    let title = match shown.len() {
        0 | 1 => "Orphans, check by check".to_owned(),
        many => format!("Orphans, last {many} complete checks"),
    };
    let place = Pane { title: &title, aside: "", foot: "", focused: false }.draw(pen, area);
    let place = Rect { x: place.x + 1, width: place.width.saturating_sub(2), ..place };
    let (Some(first), Some(last)) = (shown.first(), shown.last()) else {
        let text = "Each complete check adds a bar here.";
        pen.text(place.x, place.y, place.width, text, Role::Dim);
        return;
    };
    if place.height < 4 {
        return;
    }
    let most = shown.iter().map(|point| point.orphans).max().unwrap_or(0);
    let height = place.height - 2;
    let bars = Rect { x: place.x + FIGURES, y: place.y, width: place.width - FIGURES, height };
    axis(pen, place, height, most);
    let cells = (bars.width / shown.len().max(1) as u16).clamp(1, 4);
    for (nth, point) in shown.iter().enumerate() {
        bar(pen, bars, bars.x + nth as u16 * cells, cells, (point.orphans, most));
    }
    let end = bars.x + (shown.len() as u16 * cells).max(1);
    times(pen, Rect { y: place.bottom() - 1, height: 1, ..bars }, end, *first, *last);
}

/// The figures at the left: the most, the half of it, and zero, from which the bars begin.
fn axis(pen: &mut Pen<'_>, place: Rect, height: u16, most: u64) {
    let right = place.x + FIGURES - 2;
    let mut label = |y: u16, text: &str, edge: &str| {
        pen.text_right(right, y, FIGURES - 2, text, Role::Dim);
        pen.text(right + 1, y, 1, edge, Role::Border);
    };
    for row in 0..height {
        let text = match row {
            0 if most > 0 => count(most),
            row if most > 1 && height >= 4 && height.is_multiple_of(2) && row == height / 2 => {
                count(most / 2)
            }
            _ => String::new(),
        };
        label(place.y + row, &text, "┤");
    }
    label(place.y + height, "0", "┼");
    let across = "─".repeat(usize::from(place.width.saturating_sub(FIGURES)));
    pen.text(place.x + FIGURES, place.y + height, place.width - FIGURES, &across, Role::Border);
}

/// A bar from the ground up. What is not nothing is never drawn as nothing.
fn bar(pen: &mut Pen<'_>, area: Rect, x: u16, cells: u16, (part, whole): (u64, u64)) {
    let steps = u64::from(area.height) * 8;
    let exact = (u128::from(part) * u128::from(steps)).checked_div(u128::from(whole)).unwrap_or(0) as u64;
    let full = if part > 0 { exact.max(1) } else { 0 };
    let thick = if cells > 1 { cells - 1 } else { 1 };
    for row in 0..area.height {
        let level = full.saturating_sub(u64::from(row) * 8).min(8) as usize;
        if level > 0 && x + thick <= area.right() {
            let symbols = EIGHTHS[level].repeat(usize::from(thick));
            pen.text(x, area.bottom() - 1 - row, thick, &symbols, Role::Gauge);
        }
    }
}

/// When the first and the last of them were, under their bars.
fn times(pen: &mut Pen<'_>, area: Rect, end: u16, first: Point, last: Point) {
    let days = last.at.duration_since(first.at) >= SignedDuration::from_hours(48);
    let form = if days { "%b %d" } else { "%b %d %H:%M UTC" };
    let (from, to) = (first.at.strftime(form).to_string(), last.at.strftime(form).to_string());
    let used = pen.text(area.x, area.y, area.width, &from, Role::Dim);
    let wide = pen.width(&to) as u16;
    let right = end.max(area.x + used + 2 + wide).min(area.right());
    if last.at > first.at && right >= area.x + used + 2 + wide {
        pen.text_right(right, area.y, wide, &to, Role::Dim);
    }
}
