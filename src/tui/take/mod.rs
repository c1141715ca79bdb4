//! What leaves the screen: texts for the clipboard and for files. Which texts there are for what is selected, what they
//! say, and how they go out. Called by `update`, by the overlays that ask which and where to, and by the loop that writes.

pub mod choices;
pub mod clipboard;
pub mod command;
pub mod drawing;
pub mod export;
pub mod file;
pub mod order;
pub mod paged;
pub mod plan;
pub mod row;
pub mod source;
pub mod stanza;
pub mod ticket;
pub mod writer;
