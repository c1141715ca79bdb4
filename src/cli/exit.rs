//! How the program ends: exit codes, and what leads to which.

use crate::model::fault::{Fault, Kind};

/// An exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was inspected, and nothing reaches the limit.
    Clean,
    /// Findings at or above the limit.
    Findings,
    /// The command or the configuration makes no sense.
    Usage,
    /// No connection, or it was lost.
    Unreachable,
    /// Something could not be inspected.
    Incomplete,
    /// A run was stopped by a guard, or a step failed.
    Broken,
    /// Somebody interrupted.
    Interrupted,
    /// The terminal closed.
    HungUp,
    /// A defect of waif broke the work off.
    Defect,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::Incomplete => 4,
            Self::Broken => 5,
            Self::Interrupted => 130,
            Self::HungUp => 129,
            // As the runtime has it where the first thread panics.
            Self::Defect => 101,
        }
    }

    /// What a fault that ended everything leads to. Whatever is neither the command's nor the connection's fault kept
    /// something from being inspected.
    pub(crate) fn of(fault: &Fault) -> Self {
        match fault.kind {
            Kind::Usage => Self::Usage,
            Kind::Unreachable | Kind::Lost => Self::Unreachable,
            Kind::Interrupted => Self::Interrupted,
            _ => Self::Incomplete,
        }
    }
}

/// Why a verb ended before its time.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Something went wrong.
    Fault(Fault),
    /// The person left at once.
    Left,
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Keeps passwords out of core files and other processes' reach.
#[cfg(target_os = "linux")]
pub(crate) fn guard() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    // Where the kernel refuses, waif works as well, only less private.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Elsewhere there is no such call.
#[cfg(not(target_os = "linux"))]
pub(crate) fn guard() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_neither_the_commands_nor_the_connections_fault_is_incomplete() {
        let exit = |kind| Exit::of(&Fault::new(kind, "x")).code();
        assert_eq!([exit(Kind::Usage), exit(Kind::Unreachable), exit(Kind::Lost)], [2, 3, 3]);
        assert_eq!(exit(Kind::Interrupted), 130);
        for kind in [Kind::Denied, Kind::Busy, Kind::TimedOut, Kind::Unsupported, Kind::Other, Kind::Missing]
        {
            assert_eq!(exit(kind), 4, "{kind:?}");
        }
    }
}
