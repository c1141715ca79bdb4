//! What the tests of several rooms share: hand-made catalogs.

pub mod draft;
