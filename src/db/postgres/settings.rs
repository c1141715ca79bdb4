//! The settings of our sessions, and the SQL that sets them and reads them back. Where the backend is ours alone they
//! are set for the session; where a pooler lends it to others too, for each transaction, so that nothing of ours stays
//! behind. Called by `greeting` and `reader`.

use crate::model::fault::{Fault, Kind};
use crate::model::value::Value;
use std::fmt::Write as _;
use std::time::Duration;

/// A setting and the value it must have, written as the server itself writes it back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    name: &'static str,
    value: &'static str,
    /// The first server version that knows it.
    since: u32,
}

const fn setting(name: &'static str, value: &'static str) -> Setting {
    Setting { name, value, since: 0 }
}

/// Without these nothing is asked: they decide what our statements mean and what they may do.
const MUST: [Setting; 13] = [
    // First, for it changes how the server writes the others back.
    setting("quote_all_identifiers", "off"),
    // No names but the server's own: what others put into schemas or pg_temp is out of reach.
    setting("search_path", "pg_catalog, pg_temp"),
    setting("default_transaction_read_only", "on"),
    // Rows that row security hides become an error, not false orphans.
    setting("row_security", "off"),
    setting("standard_conforming_strings", "on"),
    setting("transform_null_equals", "off"),
    // Values look the same everywhere: keys travel as text.
    setting("datestyle", "ISO, MDY"),
    setting("intervalstyle", "postgres"),
    setting("bytea_output", "hex"),
    setting("extra_float_digits", "1"),
    // Limits are set for each statement; a transaction that holds a common moment may idle.
    setting("statement_timeout", "0"),
    setting("lock_timeout", "0"),
    setting("idle_in_transaction_session_timeout", "0"),
];

/// These help where the server knows them.
const WISH: [Setting; 8] = [
    setting("work_mem", "65536"),
    // A server whose client vanished gives up the statement.
    Setting { name: "client_connection_check_interval", value: "2000", since: 140_000 },
    Setting { name: "idle_session_timeout", value: "0", since: 140_000 },
    Setting { name: "transaction_timeout", value: "0", since: 170_000 },
    setting("tcp_keepalives_idle", "60"),
    setting("tcp_keepalives_interval", "10"),
    setting("tcp_keepalives_count", "3"),
    Setting { name: "tcp_user_timeout", value: "60000", since: 120_000 },
];

/// The wishes a server of this version may know.
pub(super) fn wishes(version: u32) -> Vec<Setting> {
    WISH.into_iter().filter(|wish| wish.since <= version).collect()
}

/// What must be set; `raw_bytes` for a database whose encoding promises nothing: its text then comes as the bytes it is.
pub(super) fn musts(raw_bytes: bool) -> Vec<Setting> {
    let mut musts = MUST.to_vec();
    if raw_bytes {
        musts.push(setting("client_encoding", "SQL_ASCII"));
    }
    musts
}

/// Statements that set all of these for the session.
pub(super) fn for_session(settings: &[Setting]) -> String {
    joined("SET ", settings)
}

/// Statements that set all of these for one transaction.
pub(super) fn for_transaction(settings: &[Setting]) -> String {
    joined("SET LOCAL ", settings)
}

fn joined(verb: &str, settings: &[Setting]) -> String {
    let mut text = String::new();
    for Setting { name, value, .. } in settings {
        let gap = if text.is_empty() { "" } else { "; " };
        let _ = write!(text, "{gap}{verb}{name} TO {value}");
    }
    text
}

/// Columns that read these back, in order, and last whether the transaction can write.
pub(super) fn read_back(settings: &[Setting]) -> String {
    let mut text = String::new();
    for Setting { name, .. } in settings {
        let _ = write!(text, "pg_catalog.current_setting('{name}'), ");
    }
    text.push_str("pg_catalog.current_setting('transaction_read_only')");
    text
}

/// Holds what [`read_back`] returned against what it must be.
pub(super) fn verify(settings: &[Setting], read: &[Value]) -> Result<(), Fault> {
    let expected = settings.iter().map(|setting| (setting.name, setting.value));
    let mut read = read.iter();
    for (name, value) in expected.chain([("transaction_read_only", "on")]) {
        let found = read.next().and_then(Value::text);
        if found != Some(value) {
            let found = found.unwrap_or("nothing");
            return Err(unsafe_session(&format!("{name} reads {found} and not {value}")));
        }
    }
    Ok(())
}

/// A limit as the server takes it. 0 is its word for no limit, so the least limit is a millisecond.
pub(super) fn milliseconds(limit: Option<Duration>) -> u128 {
    limit.map_or(0, |limit| limit.as_millis().clamp(1, i32::MAX as u128))
}

/// The session is not what it must be before anything is asked.
pub(super) fn unsafe_session(why: &str) -> Fault {
    Fault::new(Kind::Unsupported, "The session cannot be made safe to read with, so nothing was read.")
        .because(why)
}
