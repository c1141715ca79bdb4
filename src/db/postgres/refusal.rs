//! Why there is no connection, in a sentence that names the parameter at fault and where its value came from. Called by
//! `connect`; what goes wrong later is `fault`'s.

use crate::db::postgres::fault::{own_words, quoting};
use crate::db::postgres::wire::{Unreached, socket_name};
use crate::model::fault::{Fault, Kind};
use crate::model::target::{Place, Target, TlsMode};
use crate::model::text::visible;
use sqlx::postgres::PgDatabaseError;
use std::io;
use std::path::Path;

/// No address behind the name, or nothing there that answers.
pub(super) fn unreached(target: &Target, why: &Unreached) -> Fault {
    let error = match why {
        Unreached::Unknown(error) => {
            return unreachable(format!("The {} is unknown.", host(target)))
                .because(error.to_string())
                .hint("Check its spelling, and that this machine can resolve it.");
        }
        Unreached::Closed(error) => error,
    };
    let fault = match &target.place {
        Place::Socket { folder, port } => {
            no_socket(target, &folder.display().to_string(), &socket_name(*port), error.kind())
        }
        _ if error.kind() == io::ErrorKind::ConnectionRefused => {
            unreachable(format!("Nothing answers on {} of {}.", port(target), host(target))).hint(
                "Check the port, and that the server runs and listens on the network (listen_addresses).",
            )
        }
        _ => unreachable(format!("The {} cannot be reached.", host(target)))
            .hint("Check the address, the network and its firewalls."),
    };
    fault.because(error.to_string())
}

fn no_socket(target: &Target, folder: &str, name: &str, error: io::ErrorKind) -> Fault {
    let folder = sourced(target, "host", format!("folder {}", visible(folder)));
    match error {
        io::ErrorKind::ConnectionRefused => {
            unreachable(format!("No server listens on the socket {name} in the {folder}."))
                .hint("Check that the server runs: the socket may be left over from one that died.")
        }
        io::ErrorKind::PermissionDenied => {
            unreachable(format!("The socket {name} in the {folder} is closed to this user."))
                .hint("Check the rights of the folder and unix_socket_permissions.")
        }
        _ => unreachable(format!("There is no server socket {name} in the {folder}."))
            .hint("Check that the server runs, and its port and unix_socket_directories."),
    }
}

/// No answer in time.
pub(super) fn late(target: &Target) -> Fault {
    unreachable(format!("No answer from {} within {} s.", place(target), target.connect_timeout))
        .hint("Check the address, the network and its firewalls, or allow more time with connect_timeout.")
}

/// A file that TLS needs and that cannot be read.
pub(super) fn unreadable(target: &Target, parameter: &'static str, path: &Path, error: &io::Error) -> Fault {
    let file = named(target, parameter, &path.display().to_string());
    unreachable(format!("The file {file} cannot be read."))
        .because(error.to_string())
        .hint("Name a file in PEM format that this user may read.")
}

/// What the driver complains of; `broke` is what the network said, where it said anything.
pub(super) fn of(target: &Target, error: &sqlx::Error, broke: Option<&str>) -> Fault {
    match error {
        sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
            Some(error) => quoting(by_server(target, error.code()), error),
            None => unreachable(format!("The server at {} refuses.", place(target))).because(error.message()),
        },
        sqlx::Error::Tls(error) => by_tls(target, &error.to_string()),
        sqlx::Error::Io(error) => by_io(target, error, broke),
        sqlx::Error::Configuration(error) => {
            unreachable("The client certificate or its key cannot be used.").because(error.to_string())
        }
        sqlx::Error::Protocol(words) if words.contains("unsupported authentication method") => unreachable(
            format!("The server at {} asks for a way to log in that waif does not know.", place(target)),
        )
        .because(words)
        .hint("waif can log in with a password (SCRAM, MD5), a client certificate, peer and trust."),
        sqlx::Error::Protocol(words) => stranger(target).because(own_words(words)),
        error => {
            unreachable(format!("The connection to {} failed.", place(target))).because(error.to_string())
        }
    }
}

fn unreachable(headline: impl Into<String>) -> Fault {
    Fault::new(Kind::Unreachable, headline)
}

fn by_server(target: &Target, code: &str) -> Fault {
    let user = named(target, "user", target.user.as_deref().unwrap_or_default());
    match code {
        "28P01" if target.password.is_none() => {
            unreachable(format!("The server wants a password for {user}, and none was given."))
                .hint("Give it in ~/.pgpass, by password_command, or when asked.")
        }
        "28P01" => {
            let password = sourced(target, "password", "password".to_owned());
            unreachable(format!("The server refuses the {password} for {user}."))
                .hint("Check user and password; a line in ~/.pgpass may be out of date.")
        }
        "28000" => unreachable(format!("The server does not admit {user}."))
            .hint("Look into the server's pg_hba.conf, and whether the role exists and may log in."),
        "3D000" => {
            let name = target.database.as_deref().or(target.user.as_deref()).unwrap_or_default();
            unreachable(format!("There is no {} at {}.", named(target, "database", name), place(target)))
                .hint("List those there are with psql -l.")
        }
        "42501" => unreachable(format!("The {user} may not connect to this database."))
            .hint("Grant CONNECT on the database."),
        "53300" => unreachable(format!("The server at {} takes no more connections.", place(target)))
            .hint("Try again later, or with fewer --jobs."),
        "57P03" => unreachable(format!("The server at {} is not ready to answer.", place(target)))
            .hint("It is starting, stopping or recovering: try again later."),
        _ => unreachable(format!("The server at {} refuses the connection.", place(target))),
    }
}

fn by_io(target: &Target, error: &io::Error, broke: Option<&str>) -> Fault {
    let words = error.to_string();
    if words.contains("certificate") || words.contains("handshake") || words.contains("alert") {
        return by_tls(target, &words);
    }
    stranger(target).because(broke.unwrap_or(&words))
}

/// It answers, but not as PostgreSQL would.
fn stranger(target: &Target) -> Fault {
    unreachable(format!("What answers at {} is no PostgreSQL server, or hung up at once.", place(target)))
        .hint("Check the port: is it the database's, and not a web server's or another tunnel's?")
}

fn by_tls(target: &Target, words: &str) -> Fault {
    let fault = match words {
        words if words.contains("does not support TLS") => unreachable(format!(
            "The server at {} offers no TLS, which {} demands.",
            place(target),
            demand(target)
        ))
        .hint("Set ssl = on at the server. Only on a network you trust, connect with sslmode=disable."),
        words if words.contains("UnknownIssuer") => unreachable(format!(
            "The certificate of {} is signed by an authority this computer does not know.",
            host(target)
        ))
        .hint("Name the authority's certificate with sslrootcert."),
        words if words.contains("NotValidForName") || words.contains("not valid for name") => unreachable(
            format!("The certificate of the server is made out to another name than {}.", host(target)),
        )
        .hint("Use the name the certificate bears; hostaddr may give the address beside it."),
        words if words.contains("xpired") => {
            unreachable(format!("The certificate of {} has expired.", host(target)))
                .hint("Have it renewed at the server.")
        }
        _ => unreachable(format!("The TLS handshake with {} failed.", place(target)))
            .hint("Check sslmode, sslrootcert, sslcert and sslkey."),
    };
    fault.because(words)
}

fn demand(target: &Target) -> String {
    let mode = match target.tls.mode {
        None => return "waif's default sslmode=verify-full".to_owned(),
        Some(TlsMode::Disable) => "disable",
        Some(TlsMode::Allow) => "allow",
        Some(TlsMode::Prefer) => "prefer",
        Some(TlsMode::Require) => "require",
        Some(TlsMode::VerifyCa) => "verify-ca",
        Some(TlsMode::VerifyFull) => "verify-full",
    };
    sourced(target, "sslmode", format!("sslmode={mode}"))
}

/// The place as a whole: host and port, or socket.
pub(super) fn place(target: &Target) -> String {
    match &target.place {
        Place::Socket { folder, port } => {
            visible(&folder.join(socket_name(*port)).display().to_string()).into_owned()
        }
        Place::Host { .. } => format!("{}, {}", host(target), port(target)),
        Place::File(path) => visible(&path.display().to_string()).into_owned(),
    }
}

fn host(target: &Target) -> String {
    match &target.place {
        Place::Host { name, address: None, .. } => named(target, "host", name),
        Place::Host { name, address: Some(address), .. } => {
            format!(
                "{} at {}",
                named(target, "host", name),
                sourced(target, "address", visible(address).into_owned())
            )
        }
        _ => place(target),
    }
}

fn port(target: &Target) -> String {
    match &target.place {
        Place::Host { port, .. } | Place::Socket { port, .. } => named(target, "port", &port.to_string()),
        Place::File(_) => String::new(),
    }
}

/// `host db-7 from PGHOST`.
fn named(target: &Target, parameter: &'static str, value: &str) -> String {
    sourced(target, parameter, format!("{parameter} {}", visible(value)))
}

/// Appends where a parameter came from. A source that is a variable, a file or a URL reads with `from`; one that is a
/// phrase of its own (`the default`, `the user's name`) stands in brackets.
fn sourced(target: &Target, parameter: &str, words: String) -> String {
    match target.sources.get(parameter).map(String::as_str) {
        None => words,
        Some(source @ ("the default" | "the user's name" | "the operating system's user")) => {
            format!("{words} ({source})")
        }
        Some(source) => format!("{words} from {}", visible(source)),
    }
}
