//! What is said on a fresh connection before anything else: who are you, are you mine alone, do the settings hold. A
//! session that cannot answer for itself is not used. Called by `opening` and `core`.

use crate::db::postgres::lane::Backend;
use crate::db::postgres::options::MARK;
use crate::db::postgres::session::Session;
use crate::db::postgres::settings::{self, Setting, unsafe_session};
use crate::model::fault::{Fault, Kind};
use crate::model::value::{Row, Value};

/// Begins a transaction that sees one moment from its first statement to its end.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Begins a transaction for one statement, which sees the moment in which it has all its locks: whoever wrote a table anew
/// while it waited for them (ALTER TABLE, TRUNCATE) left nothing there that an earlier moment would see.
const BEGIN_EACH: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY";

/// What tells one server and database from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// The cluster's number, where the role may read it.
    pub(super) system: Option<String>,
    /// The database's oid.
    pub(super) database: String,
    /// `server_version_num`.
    pub(super) version: u32,
    /// Whether it is a standby.
    pub(super) standby: bool,
}

/// How sessions with this server are kept.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    /// Whether each backend serves one session of ours alone; else a pooler may lend it to others between transactions.
    pub(super) alone: bool,
    /// Settings that must hold.
    pub(super) musts: Vec<Setting>,
    /// Settings that help, and that the server takes.
    pub(super) wishes: Vec<Setting>,
    /// Who the server is.
    pub(super) identity: Identity,
}

impl Terms {
    /// What opens a transaction for one statement, or else for several that see one moment: where the backend is lent, settings
    /// and their proof come along.
    pub(super) fn opening(&self, one_statement: bool) -> String {
        let begin = if one_statement { BEGIN_EACH } else { BEGIN };
        if self.alone {
            return begin.to_owned();
        }
        let settings: Vec<Setting> = self.musts.iter().chain(&self.wishes).copied().collect();
        format!(
            "{begin}; {}; SELECT pg_catalog.pg_backend_pid()::text, pg_catalog.now()::text, {}",
            settings::for_transaction(&settings),
            settings::read_back(&self.musts),
        )
    }

    /// Makes a fresh session ready and proves that it is, in one round.
    pub(super) async fn make_ready(&self, session: &mut Session, mark: Option<&str>) -> Result<(), Fault> {
        let who = self.identity.columns();
        if !self.alone {
            let rows = session.say(format!("SELECT {who}")).await?;
            return self.identity.same(&Who::read(&rows, session)?.identity);
        }
        let settings: Vec<Setting> = self.musts.iter().chain(&self.wishes).copied().collect();
        let text = format!(
            "{}; SELECT {who}, {}",
            settings::for_session(&settings),
            settings::read_back(&self.musts)
        );
        let rows = session.say(text).await.map_err(not_taken)?;
        let who = Who::read(&rows, session)?;
        if who.mark.as_deref() != mark {
            return Err(unsafe_session("a pooler began to lend our backend to others"));
        }
        self.identity.same(&who.identity)?;
        let row = rows.first().map_or(&[][..], Vec::as_slice);
        settings::verify(&self.musts, row.get(Who::COLUMNS..).unwrap_or_default())
    }
}

impl Identity {
    /// What a session is asked to tell whether it leads to the same server.
    fn columns(&self) -> String {
        Who::columns(self.system.is_some())
    }

    /// Refuses another server than this one.
    pub(super) fn same(&self, other: &Self) -> Result<(), Fault> {
        if self == other {
            return Ok(());
        }
        let why = match (self.standby, other.standby) {
            (true, false) => "it was a standby and is a primary now",
            (false, true) => "it was a primary and is a standby now",
            _ if self.system != other.system => "it is another cluster",
            _ if self.database != other.database => "the database was dropped and made anew",
            _ => "its version changed",
        };
        Err(Fault::new(Kind::Lost, "What answers now is not the server this began with.")
            .because(why)
            .hint("Connect again, so that nothing said about the one is believed of the other."))
    }
}

/// Who answers on a connection.
pub(super) struct Who {
    /// The server.
    pub(super) identity: Identity,
    /// The mark its backend was started with.
    pub(super) mark: Option<String>,
}

impl Who {
    const COLUMNS: usize = 7;

    fn columns(with_system: bool) -> String {
        let system = if with_system {
            "(SELECT system_identifier::text FROM pg_catalog.pg_control_system())"
        } else {
            "NULL::text"
        };
        format!(
            "pg_catalog.pg_backend_pid()::text, pg_catalog.current_setting('{MARK}', true), \
             pg_catalog.current_setting('session_replication_role'), \
             (SELECT oid::text FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()), \
             pg_catalog.current_setting('server_version_num'), pg_catalog.pg_is_in_recovery()::text, {system}"
        )
    }

    /// Asks a session who answers, and notes the backend in its lane.
    pub(super) async fn ask(session: &mut Session, with_system: bool) -> Result<Self, Fault> {
        let rows = session.say(format!("SELECT {}", Self::columns(with_system))).await?;
        Self::read(&rows, session)
    }

    fn read(rows: &[Row], session: &Session) -> Result<Self, Fault> {
        let row = rows.first().map_or(&[][..], Vec::as_slice);
        let text = |at: usize| row.get(at).and_then(Value::text);
        let number = |at: usize| text(at).and_then(|text| text.parse().ok());
        if let Some(role) = text(2).filter(|role| *role != "origin") {
            return Err(unsafe_session(&format!("session_replication_role reads {role} and not origin"))
                .hint("Take it out of the role's, the database's or the connection's settings."));
        }
        session.lane().served_by(Backend { pid: number(0).unwrap_or_default(), since: None });
        Ok(Self {
            identity: Identity {
                system: text(6).map(ToOwned::to_owned),
                database: text(3).unwrap_or_default().to_owned(),
                version: text(4).and_then(|text| text.parse().ok()).unwrap_or_default(),
                standby: row.get(5).is_some_and(Value::truth),
            },
            mark: text(1).map(ToOwned::to_owned),
        })
    }
}

/// The wishes this server takes: all at once, or what is left when each is tried alone.
pub(super) async fn granted(
    session: &mut Session,
    alone: bool,
    wishes: Vec<Setting>,
) -> Result<Vec<Setting>, Fault> {
    if takes(session, alone, &wishes).await? {
        return Ok(wishes);
    }
    let mut granted = Vec::new();
    for wish in wishes {
        if takes(session, alone, &[wish]).await? {
            granted.push(wish);
        }
    }
    Ok(granted)
}

async fn takes(session: &mut Session, alone: bool, wishes: &[Setting]) -> Result<bool, Fault> {
    let outcome = if alone {
        session.say(settings::for_session(wishes)).await
    } else {
        session.say(format!("{BEGIN}; {}; ROLLBACK", settings::for_transaction(wishes))).await
    };
    match outcome {
        Ok(_) => Ok(true),
        Err(fault) if fault.kind == Kind::Lost => Err(fault),
        Err(_) if alone => Ok(false),
        Err(_) => session.say("ROLLBACK").await.map(|_| false),
    }
}

/// A refusal on the way into a session or transaction: what it would have made safe is not.
pub(super) fn not_taken(fault: Fault) -> Fault {
    match fault.kind {
        Kind::Missing | Kind::Denied | Kind::Unsupported | Kind::Other => {
            fault.causes.iter().fold(unsafe_session(&fault.headline), |whole, cause| whole.because(cause))
        }
        _ => fault,
    }
}
