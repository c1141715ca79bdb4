//! The question for a password: at a terminal only, without echo, once.

use crate::cli::exit::Ended;
use crate::model::fault::Fault;
use crate::model::secret::Secret;
use crate::model::server::EngineKind;
use crate::model::target::{Place, Target};
use crate::model::text::visible;
use std::io::{self, IsTerminal};

/// Whether a password could mend what went wrong, and somebody is there to give one.
pub(crate) fn would_help(target: &Target, fault: &Fault) -> bool {
    let refused = matches!(fault.code.as_deref(), Some("28P01" | "28000"));
    // 28000 is also a role that may not log in; there a password helps only where none was sent.
    let asked = fault.code.as_deref() == Some("28P01") || target.password.is_none();
    target.engine == EngineKind::Postgres && refused && asked && somebody_is_there()
}

fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks. An interrupt here leaves at once.
///
/// # Errors
/// When the person leaves, or the terminal is gone.
pub(crate) fn ask(target: &Target) -> Result<Secret, Ended> {
    let question = format!("Password for {}: ", whom(target));
    match rpassword::prompt_password(question) {
        Ok(password) => Ok(Secret::new(password)),
        Err(_) => Err(Ended::Left),
    }
}

fn whom(target: &Target) -> String {
    let user = target.user.as_deref().unwrap_or("the database role");
    let place = match &target.place {
        Place::Host { name, port, .. } => format!(" at {}:{port}", visible(name)),
        Place::Socket { .. } | Place::File(_) => String::new(),
    };
    format!("{}{place}", visible(user))
}
