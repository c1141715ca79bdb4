//! Connecting: from a target to sessions that can only read. Called by the engine, once to learn how the files can be
//! opened, then for every session the same way.

use crate::db::Limits;
use crate::db::sqlite::fault::{self, code};
use crate::db::sqlite::file::{self, File};
use crate::db::sqlite::session::Session;
use crate::db::sqlite::still::{Disturbed, Still};
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
use std::path::PathBuf;
use std::time::Duration;

/// SQLite maps no more than this in one file; what lies beyond goes through the cache.
pub(super) const MAPPED: i64 = 0x7fff_0000;

/// Kibibytes of cache a session may use, negative as the pragma wants it.
const CACHE: i64 = -16_384;

/// How often opening is tried again when another program opened a file in between.
const TRIES: usize = 3;
/// The time in which a program that opens or closes a file has made or dropped its log.
const SETTLES: Duration = Duration::from_millis(100);

/// How the files of a target are opened.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// Schema names and files, `main` first.
    pub(super) files: Vec<(Ident, File)>,
    patience: Duration,
    /// Whether a file that lay still was opened by somebody meanwhile.
    disturbed: Disturbed,
}

impl Way {
    /// Looks at the files of a target.
    pub(super) fn of(target: &Target) -> Result<Self, Fault> {
        let Place::File(path) = &target.place else {
            return Err(no_file());
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
        let patience = Duration::from_secs(u64::from(target.connect_timeout.max(1)));
        Ok(Self { files, patience, disturbed: Disturbed::default() })
    }

    /// The main file alone.
    pub(super) fn alone(mut self) -> Self {
        self.files.truncate(1);
        self
    }

    /// The files that lie beside the databases now: logs and what belongs to them.
    pub(super) fn companions(&self) -> Vec<PathBuf> {
        let beside = self.files.iter().flat_map(|(_, file)| [file.beside("-wal"), file.beside("-shm")]);
        beside.filter(|path| path.exists()).collect()
    }

    /// Opens a session. A file that lies still is taken as immutable, the others are read beside their writers.
    pub(super) async fn open(&self, tape: &Tape) -> Result<Session, Fault> {
        let mut tries = 0;
        loop {
            match self.try_open(tape).await {
                Err(fault) if fault.kind == Kind::Conflict && tries < TRIES => tries += 1,
                answer => return answer,
            }
        }
    }

    async fn try_open(&self, tape: &Tape) -> Result<Session, Fault> {
        let Some(((main, file), attached)) = self.files.split_first() else { return Err(no_file()) };
        for (_, file) in &self.files {
            elsewhere(file).await?;
        }
        let still = Still::of(file, &self.disturbed).await;
        let options = SqliteConnectOptions::new()
            .filename(&file.path)
            .read_only(true)
            .immutable(still.is_some())
            .foreign_keys(false)
            .busy_timeout(Duration::ZERO)
            .disable_statement_logging();
        let mut session =
            Session::open(&options, tape.clone()).await.map_err(|error| obstacle(file, &error))?;
        session.still.extend(still);
        for text in ["PRAGMA trusted_schema = OFF", "PRAGMA query_only = ON"] {
            self.ask(&session, file, text, Vec::new()).await?;
        }
        self.ask(&session, file, &first_read(main), Vec::new()).await?;
        for (name, file) in attached {
            let still = Still::of(file, &self.disturbed).await;
            let text = format!("ATTACH DATABASE ?1 AS {}", quoted(name));
            self.ask(&session, file, &text, vec![Value::Text(uri(file, still.is_some()))]).await?;
            session.still.extend(still);
            self.ask(&session, file, &first_read(name), Vec::new()).await?;
        }
        // A mapped file that shrinks ends the process. Locks keep that from happening, and an immutable file has none.
        let (mapped, cache) = if session.maps_its_files() { (MAPPED, CACHE) } else { (0, 2 * CACHE) };
        for text in [format!("PRAGMA mmap_size = {mapped}"), format!("PRAGMA cache_size = {cache}")] {
            self.ask(&session, file, &text, Vec::new()).await?;
        }
        let read_back = self.ask(&session, file, "PRAGMA query_only", Vec::new()).await?;
        if holds(&read_back) {
            Ok(session)
        } else {
            Err(Fault::new(Kind::Unsupported, "SQLite did not confirm that this session cannot write."))
        }
    }

    pub(super) async fn ask(
        &self,
        session: &Session,
        file: &File,
        text: &str,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, Fault> {
        let query = Query::new(Purpose::Session, text, args);
        let limits = Limits { lock: Some(self.patience), ..Limits::default() };
        session.attempt(&query, limits).await.map_err(|(fault, error)| match error {
            Some(error) => obstacle(file, &error),
            None => fault,
        })
    }
}

/// Looks whether somebody has a file open whose log lies beside another name of it.
async fn elsewhere(file: &File) -> Result<(), Fault> {
    let mut users = Still::unseen(file);
    if !users.is_empty() {
        // One that was about to open or to close it is seen in between.
        tokio::time::sleep(SETTLES).await;
        users = Still::unseen(file);
    }
    if users.is_empty() {
        return Ok(());
    }
    let open = Fault::new(
        Kind::Busy,
        format!("{} is open in WAL mode under another name: its log does not lie beside it.", file.named),
    );
    Err(open
        .because(format!(
            "It is open in {}. What was committed there cannot be seen from here.",
            users.join(", ")
        ))
        .hint("Name the file as that program does: a hard link or a mount of the file alone has no log."))
}

/// Why a file could not be opened.
pub(super) fn obstacle(file: &File, error: &sqlx::Error) -> Fault {
    let codes = fault::codes(error);
    let said = fault::message(error);
    let fault = match codes.map(|(primary, _)| primary) {
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
    match codes {
        Some((_, extended)) => fault.code(extended.to_string()),
        None => fault,
    }
}

pub(super) fn no_file() -> Fault {
    Fault::new(Kind::Usage, "A SQLite target needs a file.")
}

fn schema(name: &str) -> Result<Ident, Fault> {
    Ident::new(name).map_err(|error| Fault::new(Kind::Usage, format!("A file cannot be attached: {error}.")))
}

/// The statement that makes SQLite read the header and the schema.
pub(super) fn first_read(schema: &Ident) -> String {
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
