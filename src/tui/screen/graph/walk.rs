//! Walking the picture: to the left and right along edges, up and down among the tables of a column; and what part of
//! the picture is in view so that the selected table is.

use super::layout::Layout;
use super::picture::Picture;
use crate::tui::action::Action;
use ratatui::layout::Size;

/// Tables a page moves by.
const PAGE: usize = 8;

/// The seat a key leads to from another.
pub fn next(picture: &Picture, seat: usize, action: Action) -> Option<usize> {
    match action {
        Action::Left => beside(picture, seat, false),
        Action::Right => beside(picture, seat, true),
        Action::Up => along(picture, seat, |at, _| at.checked_sub(1)),
        Action::Down => along(picture, seat, |at, _| Some(at + 1)),
        Action::PageUp => along(picture, seat, |at, _| Some(at.saturating_sub(PAGE))),
        Action::PageDown => along(picture, seat, |at, many| Some((at + PAGE).min(many - 1))),
        Action::First => along(picture, seat, |_, _| Some(0)),
        Action::Last => along(picture, seat, |_, many| Some(many - 1)),
        _ => None,
    }
}

/// The nearest table in height that an edge leads to on that side.
fn beside(picture: &Picture, seat: usize, right: bool) -> Option<usize> {
    let layout = &picture.layout;
    let middle = |seat: usize| {
        let place = layout.boxes.get(seat).copied().unwrap_or_default();
        2 * i32::from(place.y) + i32::from(place.height)
    };
    let column = |seat: usize| layout.column.get(seat).copied().unwrap_or(0);
    let others = picture.scene.links.iter().filter_map(|link| match seat {
        s if s == link.child => Some(link.parent),
        s if s == link.parent => Some(link.child),
        _ => None,
    });
    let there = others
        .filter(|other| if right { column(*other) > column(seat) } else { column(*other) < column(seat) });
    there.min_by_key(|other| {
        (column(*other).abs_diff(column(seat)), (middle(*other) - middle(seat)).abs(), *other)
    })
}

/// Another table of the same column.
fn along(picture: &Picture, seat: usize, to: impl Fn(usize, usize) -> Option<usize>) -> Option<usize> {
    let column = picture.in_column(*picture.layout.column.get(seat)?);
    let at = column.iter().position(|known| *known == seat)?;
    column.get(to(at, column.len())?).copied()
}

/// The first cell in view: as before where the selected table is in view, else so that it is, as near the middle as the
/// picture allows. Sideways the view begins where a column does.
pub fn scrolled(layout: &Layout, before: (u16, u16), seat: usize, room: Size) -> (u16, u16) {
    let Some(place) = layout.boxes.get(seat) else { return (0, 0) };
    let (width, height) = layout.size();
    let x = if width <= room.width {
        0
    } else {
        let shows = |x: &u16| *x <= place.x && place.right() <= x.saturating_add(room.width);
        let useful = |x: &u16| *x == 0 || layout.columns.iter().all(|c| *c >= *x || c + room.width < width);
        if layout.columns.contains(&before.0) && shows(&before.0) {
            before.0
        } else {
            let aim = i32::from(place.x) + i32::from(place.width) / 2 - i32::from(room.width) / 2;
            let fit = layout.columns.iter().copied().filter(|x| shows(x) && useful(x));
            fit.min_by_key(|x| (i32::from(*x) - aim).abs()).unwrap_or(place.x)
        }
    };
    let last = height.saturating_sub(room.height);
    let in_view = place.y >= before.1 && place.bottom() <= before.1.saturating_add(room.height);
    let y = if in_view { before.1 } else { (place.y + place.height / 2).saturating_sub(room.height / 2) };
    (x, y.min(last))
}
