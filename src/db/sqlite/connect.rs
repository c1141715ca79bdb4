//! Connecting: from a target to sessions that can only read. Called by the engine, once to learn how the files can be
//! opened, then for every session the same way.

use crate::db::Limits;
use crate::db::sqlite::fault::{self, code};
use crate::db::sqlite::file::{self, File};
use crate::db::sqlite::session::Session;
use crate::db::tape::Tape;
use crate::model::fault::{Fault, Kind};
use crate::model::ident::Ident;
use crate::model::sent::Purpose;
use crate::model::target::{Place, Target};
use crate::model::text::visible;
use crate::model::value::{Row, Value};
use crate::sql::Query;
use crate::sql::quote::quoted;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use std::time::Duration;

/// SQLite maps no more than this in one file; what lies beyond goes through the cache.
const MAPPED: i64 = 0x7fff_0000;

/// Kibibytes of cache a session may use, negative as the pragma wants it.
const CACHE: i64 = -16_384;

/// How the files of a target are opened.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// Schema names and files, `main` first.
    pub(super) files: Vec<(Ident, File)>,
    /// Whether each file is taken as one that nobody writes.
    immutable: Vec<bool>,
    patience: Duration,
}

impl Way {
    /// Looks at the files of a target.
    pub(super) fn of(target: &Target) -> Result<Self, Fault> {
        let Place::File(path) = &target.place else {
            return Err(Fault::new(Kind::Usage, "A SQLite target needs a file."));
        };
        let named = file::named(path, target.sources.get("file").map(String::as_str));
        let mut files = vec![(schema("main")?, File::look(path, named)?)];
        for (name, path) in &target.attach {
            if ["main", "temp"].iter().any(|taken| name.eq_ignore_ascii_case(taken)) {
                let headline =
                    format!("A file cannot be attached as {}: SQLite uses that name.", visible(name));
                return Err(Fault::new(Kind::Usage, headline));
            }
            files.push((schema(name)?, File::look(path, file::named(path, Some("attach")))?));
        }
        let immutable = vec![false; files.len()];
        let patience = Duration::from_secs(u64::from(target.connect_timeout.max(1)));
        Ok(Self { files, immutable, patience })
    }

    /// Opens a session. What SQLite cannot open otherwise, it opens as immutable, if that loses nothing.
    pub(super) async fn open(&mut self, tape: &Tape) -> Result<Session, Fault> {
        loop {
            match self.try_open(tape).await {
                Ok(session) => return Ok(session),
                Err(Obstacle { place, fault, primary }) => {
                    if !self.may_take_as_immutable(place, primary) {
                        return Err(fault);
                    }
                    if let Some(flag) = self.immutable.get_mut(place) {
                        *flag = true;
                    }
                }
            }
        }
    }

    /// A WAL-mode file in a folder that cannot be written opens only as immutable. That is no loss while no log lies
    /// beside it: everything is in the file. With a log it would silently show an old state, so never then.
    fn may_take_as_immutable(&self, place: usize, primary: Option<i32>) -> bool {
        let Some((_, file)) = self.files.get(place) else { return false };
        let refused = matches!(primary, Some(code::CANTOPEN | code::READONLY));
        refused
            && self.immutable.get(place) == Some(&false)
            && file.wants_wal()
            && file.companion("-wal") == 0
    }

    /// Whether the file behind a schema is taken as one that nobody writes.
    pub(super) fn is_immutable(&self, schema: &Ident) -> bool {
        self.files.iter().zip(&self.immutable).any(|((name, _), flag)| name == schema && *flag)
    }

    /// The files taken as immutable, as messages name them.
    pub(super) fn taken_as_immutable(&self) -> impl Iterator<Item = &File> {
        self.files.iter().zip(&self.immutable).filter(|(_, flag)| **flag).map(|((_, file), _)| file)
    }

    async fn try_open(&self, tape: &Tape) -> Result<Session, Obstacle> {
        let immutable = self.immutable.first() == Some(&true);
        let Some((main, file)) = self.files.first() else { return Err(Obstacle::none()) };
        let options = SqliteConnectOptions::new()
            .filename(&file.path)
            .read_only(true)
            .immutable(immutable)
            .foreign_keys(false)
            .busy_timeout(Duration::ZERO)
            .disable_statement_logging();
        let session =
            Session::open(&options, tape.clone()).await.map_err(|error| Obstacle::at(0, file, &error))?;
        let ask = async |place: usize, file: &File, text: String, args: Vec<Value>| {
            let query = Query::new(Purpose::Session, text, args);
            let limits = Limits { lock: Some(self.patience), ..Limits::default() };
            match session.attempt(&query, limits).await {
                Ok(rows) => Ok(rows),
                Err((_, Some(error))) => Err(Obstacle::at(place, file, &error)),
                Err((fault, None)) => Err(Obstacle { place, fault, primary: None }),
            }
        };
        for text in ["PRAGMA trusted_schema = OFF", "PRAGMA query_only = ON"] {
            ask(0, file, text.to_owned(), Vec::new()).await?;
        }
        ask(0, file, first_read(main), Vec::new()).await?;
        for (place, (name, file)) in self.files.iter().enumerate().skip(1) {
            let flag = self.immutable.get(place) == Some(&true);
            let text = format!("ATTACH DATABASE ?1 AS {}", quoted(name));
            ask(place, file, text, vec![Value::Text(uri(file, flag))]).await?;
            ask(place, file, first_read(name), Vec::new()).await?;
        }
        for text in [format!("PRAGMA mmap_size = {MAPPED}"), format!("PRAGMA cache_size = {CACHE}")] {
            ask(0, file, text, Vec::new()).await?;
        }
        let read_back = ask(0, file, "PRAGMA query_only".to_owned(), Vec::new()).await?;
        if !holds(&read_back) {
            let fault =
                Fault::new(Kind::Unsupported, "SQLite did not confirm that this session cannot write.");
            return Err(Obstacle { place: 0, fault, primary: None });
        }
        Ok(session)
    }
}

/// A file that could not be opened, and why.
struct Obstacle {
    place: usize,
    fault: Fault,
    primary: Option<i32>,
}

impl Obstacle {
    fn at(place: usize, file: &File, error: &sqlx::Error) -> Self {
        let codes = fault::codes(error);
        let primary = codes.map(|(primary, _)| primary);
        let said = fault::message(error);
        let fault = match primary {
            Some(code::NOTADB) => file.no_database(),
            Some(code::CORRUPT) => file.malformed().because(said),
            Some(code::CANTOPEN | code::READONLY) => file.needs_writing().because(said),
            Some(code::BUSY | code::LOCKED) => {
                Fault::new(Kind::Busy, format!("{} is locked by another program.", file.named))
                    .hint("Try again when that program has finished its transaction.")
                    .because(said)
            }
            _ => Fault::new(Kind::Unreachable, format!("{} cannot be opened.", file.named)).because(said),
        };
        let fault = match codes {
            Some((_, extended)) => fault.code(extended.to_string()),
            None => fault,
        };
        Self { place, fault, primary }
    }

    fn none() -> Self {
        Self { place: 0, fault: Fault::new(Kind::Usage, "A SQLite target needs a file."), primary: None }
    }
}

fn schema(name: &str) -> Result<Ident, Fault> {
    Ident::new(name).map_err(|error| Fault::new(Kind::Usage, format!("A file cannot be attached: {error}.")))
}

/// The statement that makes SQLite read the header and the schema.
fn first_read(schema: &Ident) -> String {
    format!("SELECT 1 FROM {}.sqlite_schema LIMIT 1", quoted(schema))
}

/// A file as ATTACH takes it: always as a URI, so that no character of a path is taken for one.
fn uri(file: &File, immutable: bool) -> String {
    let path = utf8_percent_encode(&file.path.to_string_lossy(), NON_ALPHANUMERIC).to_string();
    format!("file:{path}?mode=ro{}", if immutable { "&immutable=1" } else { "" })
}

/// Whether the single value of an answer is true.
fn holds(rows: &[Row]) -> bool {
    rows.first().and_then(|row| row.first()).is_some_and(Value::truth)
}
