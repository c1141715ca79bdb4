//! What lies over a screen: a page to read, a fault to answer, the palette, a line being typed. One at a time; while it
//! is there it has the keys.

pub mod choose;
pub mod confirm;
pub mod entry;
pub mod facets;
pub mod fault;
pub mod fixes;
pub mod help;
pub mod leaving;
pub mod limits;
pub mod line;
pub mod page;
pub mod palette;
pub mod picker;
mod seek;

use crate::model::fault::Fault;
use crate::tui::start::Exit;

/// What lies over the screen.
#[derive(Debug)]
pub enum Overlay {
    /// A page to read.
    Page(page::Page),
    /// A fault to answer.
    Fault(Fault),
    /// A menu of what can be copied.
    Choose(choose::Chooser),
    /// A menu of what the list can be narrowed to.
    Facets(facets::Menu),
    /// A line to type.
    Line(Box<line::Line>),
    /// Everything there is to do, found by what is typed.
    Palette(Box<palette::State>),
    /// A menu of the fixes that could be staged.
    Fixes(fixes::Menu),
    /// The confirmation of a run.
    Confirm(Box<confirm::Open>),
    /// The form of limits.
    Limits(Box<limits::Form>),
    /// The question before waif is left while a run goes on.
    Leaving(Exit),
    /// Connections to choose from.
    Picker(Box<picker::Picker>),
}
