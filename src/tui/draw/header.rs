//! The first line: how much care the place deserves, where we are and as whom, and whether anything could be written. The
//! two badges are there at every size; what lies between gives way first.

use crate::model::fault::Kind;
use crate::model::server::{EngineKind, Flavor, Server, Tls};
use crate::model::target::Environment;
use crate::tui::app::App;
use crate::tui::theme::Role;
use crate::tui::watch;
use crate::tui::widget::figure::ago;
use crate::tui::widget::pen::{Pen, Piece, piece};
use ratatui::layout::Rect;

/// Draws the header.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let (badge, role) = badge(app);
    let badge = format!("▌{badge}▐");
    let right = area.right().saturating_sub(1);
    let used = pen.text_right(right, area.y, area.width, &badge, role);
    let mut room = area.width.saturating_sub(used + 3);
    let (watch, age) = (watch::words(app), age(app));
    let mut right = right - used - 1;
    // Watching is load on the server, so it is told at every size; an age only where there is room for both.
    if let Some(watch) = &watch {
        let used = pen.text_right(right, area.y, room, watch, Role::Warn);
        room = room.saturating_sub(used + 1);
        right = right.saturating_sub(used + 1);
    }
    if (watch.is_none() || area.width >= 100) && !age.is_empty() && area.width >= 80 {
        let used = pen.text_right(right, area.y, room, &age, Role::Dim);
        room = room.saturating_sub(used + 1);
    }
    let mut pieces = vec![piece(" waif ", Role::Title)];
    if app.called.is_none() {
        pen.line(area.x, area.y, room, &pieces);
        return;
    }
    pieces.push(piece(format!("▌{}▐", environment(app.facts.environment)), app.facts.environment.into()));
    pieces.push(piece(" ", Role::Text));
    pieces.extend(whereabouts(app));
    pen.line(area.x, area.y, room, &pieces);
}

fn environment(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "PROD",
        Environment::Staging => "STAGING",
        Environment::Development => "DEV",
    }
}

/// Whether the server itself refuses writes, as read back; or that there is no server.
fn badge(app: &App) -> (&'static str, Role) {
    let lost =
        app.facts.fault.as_ref().is_some_and(|fault| matches!(fault.kind, Kind::Unreachable | Kind::Lost));
    match &app.facts.server {
        _ if lost => ("NO CONNECTION", Role::Unsafe),
        None if app.facts.work.is_none() => ("NO CONNECTION", Role::Unsafe),
        None => ("CONNECTING", Role::Safe),
        Some(_) if app.mend.is_running() => ("WRITING", Role::Unsafe),
        Some(_) if app.mend.arms.is_armed() || app.mend.is_rehearsing() => ("WRITES ON", Role::Unsafe),
        Some(server) if server.read_only && app.mend.arms.allowed => ("WRITES OFF", Role::Warn),
        Some(server) if server.read_only => ("READ-ONLY", Role::Safe),
        Some(_) => ("NOT READ-ONLY", Role::Unsafe),
    }
}

fn whereabouts(app: &App) -> Vec<Piece<'_>> {
    let Some(server) = app.facts.server.as_deref() else {
        return vec![piece(app.facts.place.as_str(), Role::Text)];
    };
    let mut pieces = vec![piece(server.database.visible(), Role::Title)];
    // What a person must not overlook stands first, where a narrow screen cuts last.
    let warnings =
        [(server.tls == Tls::Off, "TLS OFF"), (server.superuser, "superuser"), (server.standby, "standby")];
    let warnings: Vec<&str> =
        warnings.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect();
    if !warnings.is_empty() {
        pieces.push(piece(format!(" ({})", warnings.join(", ")), Role::Warn));
    }
    if app.size.width >= 60 {
        if server.engine == EngineKind::Postgres {
            pieces.push(piece(" @ ", Role::Dim));
            pieces.push(piece(server.address.visible(), Role::Text));
        }
        if let Some(user) = &server.user {
            pieces.push(piece(" · ", Role::Dim));
            pieces.push(piece(user.visible(), Role::Text));
        }
        if app.size.width >= 120 {
            pieces.push(piece(format!(" · {} · {}", version(server), link(server)), Role::Dim));
        }
    }
    pieces
}

/// How old the figures are.
fn age(app: &App) -> String {
    match (&app.facts.outcome, &app.facts.work) {
        (Some(outcome), _) if app.facts.stale => {
            format!("stale, checked {}", ago(app.facts.now.saturating_sub(outcome.at)))
        }
        (None, _) if app.facts.stale => "stale".to_owned(),
        (Some(outcome), None) => format!("checked {}", ago(app.facts.now.saturating_sub(outcome.at))),
        _ => String::new(),
    }
}

/// `PostgreSQL 16.4`, `SQLite 3.51.0`, with the variety where it is one.
pub fn version(server: &Server) -> String {
    let engine = match (server.engine, server.flavor) {
        (EngineKind::Sqlite, _) => "SQLite",
        (EngineKind::Postgres, Flavor::Plain) => "PostgreSQL",
        (EngineKind::Postgres, Flavor::Citus) => "PostgreSQL with Citus",
        (EngineKind::Postgres, Flavor::Timescale) => "PostgreSQL with TimescaleDB",
        (EngineKind::Postgres, Flavor::Cockroach) => "CockroachDB",
        (EngineKind::Postgres, Flavor::Yugabyte) => "YugabyteDB",
        (EngineKind::Postgres, Flavor::Redshift) => "Redshift",
        (EngineKind::Postgres, Flavor::Aurora) => "Aurora PostgreSQL",
    };
    format!("{engine} {}", server.version)
}

/// The link's encryption in words.
pub fn link(server: &Server) -> String {
    match &server.tls {
        Tls::Local => "local, nothing to encrypt".to_owned(),
        Tls::Off => "TLS OFF".to_owned(),
        Tls::On { protocol, verified: true } => format!("{protocol}, server verified"),
        Tls::On { protocol, verified: false } => format!("{protocol}, server NOT verified"),
    }
}
