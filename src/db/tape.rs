//! The tape: every statement that goes out is written to it with its time and rows. `job` hands one in and shows it as
//! the Log; nothing is sent past it.

use crate::model::sent::Sent;
use std::fmt;
use std::sync::Arc;

/// Where statements are written to.
#[derive(Clone)]
pub struct Tape(Arc<dyn Fn(Sent) + Send + Sync>);

impl Tape {
    /// A tape that hands each statement to `keep`, which must not block.
    pub fn new(keep: impl Fn(Sent) + Send + Sync + 'static) -> Self {
        Self(Arc::new(keep))
    }

    /// Writes one statement.
    pub fn record(&self, sent: Sent) {
        (self.0)(sent);
    }
}

impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tape")
    }
}
