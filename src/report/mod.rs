//! Printers: one per format, each a pure function from a [`Check`](crate::model::check::Check) or graph to text. Called by the front ends.
