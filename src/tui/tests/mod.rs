//! The inspector driven by hand: a shop whose desk says what the test wants it to say, keys pressed one by one, screens
//! compared whole.

mod colours;
mod facets;
mod flow;
mod graph;
mod jobs;
mod limits;
mod matrix;
mod mend;
mod mouse;
mod older;
pub mod palette;
mod past;
mod picker;
mod renewed;
mod restoring;
mod runs;
mod screens;
mod search;
mod tables;
mod take;
mod walk;
mod watch;
pub mod world;
