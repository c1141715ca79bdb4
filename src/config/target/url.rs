//! `postgres://` and `postgresql://`, read the way libpq reads them. No fault quotes the URL: any part of it may be a
//! piece of a password.

use super::super::usage;
use super::params::{Params, Rank, capital};
use crate::model::fault::Fault;

/// Reads a URL of PostgreSQL into parameters. `source` names it in faults and sources: `the URL`, `DATABASE_URL`.
pub(super) fn read(url: &str, source: &str, rank: Rank, into: &mut Params) -> Result<(), Fault> {
    let Some((_, rest)) = url.split_once("://") else {
        return Err(malformed(source, "has no // after its scheme"));
    };
    let (before_query, query) = match rest.split_once('?') {
        Some((before, query)) => (before, Some(query)),
        None => (rest, None),
    };
    let (authority, database) = before_query.split_once('/').unwrap_or((before_query, ""));
    let (login, place) = match authority.rsplit_once('@') {
        Some((login, place)) => (Some(login), place),
        None => (None, authority),
    };
    // libpq would take everything up to the @ as the login, even past a ?.
    let torn = |query: &str| query.split('/').next().is_some_and(|head| head.contains('@'));
    let torn = !before_query.contains(['@', '/']) && query.is_some_and(torn);
    if torn || login.is_some_and(|login| login.contains('@')) || database.contains('@') {
        return Err(malformed(source, "has an @ that does not end user and password"));
    }
    // The query comes first: as with libpq, host, port or user written there override those before it.
    read_query(query.unwrap_or(""), source, rank, into)?;
    read_place(place, source, rank, into)?;
    if let Some(login) = login {
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        into.offer_part("user", &decode(user, source)?, source, rank)?;
        into.offer_part("password", &decode(password, source)?, source, rank)?;
    }
    into.offer_part("dbname", &decode(database, source)?, source, rank)
}

/// `host`, `host:port`, `[::1]:port`, `%2Fsocket%2Ffolder`, or nothing.
fn read_place(place: &str, source: &str, rank: Rank, into: &mut Params) -> Result<(), Fault> {
    if place.contains(',') {
        return Err(several(source));
    }
    let (host, port) = if let Some(rest) = place.strip_prefix('[') {
        let Some((host, after)) = rest.split_once(']') else {
            return Err(malformed(source, "has a [ without a ]"));
        };
        if host.is_empty() {
            return Err(malformed(source, "has nothing between [ and ]"));
        }
        match after.strip_prefix(':') {
            Some(port) => (host, port),
            None if after.is_empty() => (host, ""),
            None => return Err(malformed(source, "has something between ] and the port")),
        }
    } else {
        place.split_once(':').unwrap_or((place, ""))
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed(source, "has something other than a number where the port belongs"));
    }
    into.offer_part("host", &decode(host, source)?, source, rank)?;
    into.offer_part("port", port, source, rank)
}

/// `key=value&key=value`. Of a key given twice the last counts, as with libpq.
fn read_query(query: &str, source: &str, rank: Rank, into: &mut Params) -> Result<(), Fault> {
    for pair in query.split('&').filter(|pair| !pair.is_empty()).rev() {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(malformed(source, "has a parameter without a ="));
        };
        // Anything but a word here is likely the rest of a password with a raw ? in it: it must not reach a notice.
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)) {
            return Err(malformed(source, "has a parameter whose name is not a plain word"));
        }
        let value = decode(value, source)?;
        if key == "host" && value.contains(',') {
            return Err(several(source));
        }
        into.offer(key, &value, source, rank)?;
    }
    Ok(())
}

/// Decodes `%` sequences, strictly: a stray `%` is a mistake, not a letter.
pub(super) fn decode(text: &str, source: &str) -> Result<String, Fault> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let hex = text.get(at + 1..at + 3).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
            match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                Some(0) => return Err(malformed(source, "holds a NUL character (%00)")),
                Some(byte) => decoded.push(byte),
                None => {
                    return Err(malformed(source, "has a % that is not followed by two hexadecimal digits"));
                }
            }
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).map_err(|_| malformed(source, "is not UTF-8 once its % sequences are decoded"))
}

fn malformed(source: &str, what: &str) -> Fault {
    usage(format!("{} {what}.", capital(source))).hint(
        "A URL is written postgres://user:password@host:port/database?parameter=value; in user, password and database \
         write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25.",
    )
}

/// libpq tries several hosts in turn; a check must know which server it speaks of.
pub(super) fn several(source: &str) -> Fault {
    usage(format!("{} names several hosts; waif connects to exactly one.", capital(source)))
        .hint("Name the one server to inspect.")
}

/// The URL with three stars for its password, for a person to see. What cannot be read shows its scheme alone.
pub(super) fn masked(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return "…".to_owned();
    };
    let (before, query) = rest.split_once('?').map_or((rest, None), |(before, query)| (before, Some(query)));
    let (authority, path) =
        before.split_once('/').map_or((before, None), |(authority, path)| (authority, Some(path)));
    let authority = match authority.rsplit_once('@') {
        Some((login, place)) => match login.split_once(':') {
            Some((user, _)) => format!("{user}:***@{place}"),
            None => format!("{login}@{place}"),
        },
        None => authority.to_owned(),
    };
    let masked = |pair: &str| match pair.split_once('=') {
        Some((key @ ("password" | "sslpassword"), _)) => format!("{key}=***"),
        _ => pair.to_owned(),
    };
    let query = query.map(|query| format!("?{}", query.split('&').map(masked).collect::<Vec<_>>().join("&")));
    let path = path.map(|path| format!("/{path}"));
    format!("{scheme}://{authority}{}{}", path.unwrap_or_default(), query.unwrap_or_default())
}
