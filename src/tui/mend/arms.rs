//! Whether anything may be written: never before a person allowed it when starting, and never longer than they look.
//! Arming lapses with the connection, even where the same server answers again, when the terminal is given to somebody
//! else, and when no key is pressed for a while.

use crate::tui::start::Writes;
use std::time::Duration;

/// Without a key for so long, whatever was armed is armed no more.
pub const IDLE: Duration = Duration::from_secs(15 * 60);

/// The state of arms.
#[derive(Clone, Debug)]
pub struct Arms {
    /// Whether a person allowed writes: by flag or profile.
    pub allowed: bool,
    /// Who would write: user and host.
    pub holder: String,
    /// Since when a confirmation is open.
    armed: bool,
    /// When a key was pressed last.
    touched: Duration,
}

impl Arms {
    /// Not armed.
    pub fn new(writes: &Writes) -> Self {
        Self { allowed: writes.allowed, holder: writes.holder.clone(), armed: false, touched: Duration::ZERO }
    }

    /// Whether a confirmation may send what it holds.
    pub fn is_armed(&self) -> bool {
        self.armed && self.allowed
    }

    /// Arms, where writes are allowed.
    pub fn arm(&mut self, now: Duration) -> bool {
        self.armed = self.allowed;
        self.touched = now;
        self.armed
    }

    /// Nothing is armed any more.
    pub fn lapse(&mut self) {
        self.armed = false;
    }

    /// A key was pressed.
    pub fn touch(&mut self, now: Duration) {
        self.touched = now;
    }

    /// When arming lapses, where anything is armed.
    pub fn due(&self) -> Option<Duration> {
        self.armed.then(|| self.touched.saturating_add(IDLE))
    }
}
