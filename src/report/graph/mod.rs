//! The graph of tables and relations, drawn in five formats. Called by the front ends with a part of the graph; every
//! printer draws the same [`Picture`].

mod dot;
mod json;
mod layout;
mod mermaid;
mod picture;
mod svg;
mod text;

#[cfg(test)]
mod tests;

pub use dot::dot;
pub use json::json;
pub use layout::{layers, without_cycles};
pub use mermaid::mermaid;
pub use picture::Picture;
pub use svg::{MOST, svg};
pub use text::text;
