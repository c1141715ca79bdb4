//! Pieces every screen is drawn from: text that fits, figures, columns, panes, cursors. They know roles and cells, not
//! relations or findings. Called by the screens and overlays.

pub mod cursor;
pub mod figure;
pub mod grid;
pub mod pane;
pub mod pen;
pub mod text;
