//! Opening an engine: the first two sessions, what they tell of the server, and the terms for all sessions after them.

use crate::db::postgres::connect::Door;
use crate::db::postgres::greeting::{Terms, Who, granted};
use crate::db::postgres::pool::Pool;
use crate::db::postgres::session::Session;
use crate::db::postgres::wire::socket_name;
use crate::db::postgres::{flavor, options, refusal, settings};
use crate::db::tape::Tape;
use crate::model::fault::Fault;
use crate::model::figure::counted;
use crate::model::server::{EngineKind, Flavor, Server, Tls};
use crate::model::target::{Place, Target};
use crate::model::text::Untrusted;
use crate::model::value::{Row, Value};
use sqlx::postgres::PgSslMode;
use std::sync::Arc;

/// Opens the pool of an engine and reads back what the server is.
pub(super) async fn open(target: &Target, tape: Tape) -> Result<(Arc<Pool>, Server), Fault> {
    let door = Door::new(target.clone());
    door.dig().await?;
    let (first, control, terms, server) = door.in_time(meet(&door, &tape)).await?;
    Ok((Arc::new(Pool::new(door, terms, tape, first, control)), server))
}

/// The first session asks everything; the second, which will interrupt the others, shows whether backends are lent.
async fn meet(door: &Door, tape: &Tape) -> Result<(Session, Session, Terms, Server), Fault> {
    let (entry, second) = tokio::join!(door.enter(), door.enter());
    let (entry, second) = (entry?, second?);
    let mode = entry.mode;
    let mut first = Session::new(entry.connection, entry.lane, tape.clone());
    let mut control = Session::new(second.connection, second.lane, tape.clone());
    let about = About::of(&mut first).await?;
    let system =
        first.say("SELECT system_identifier::text FROM pg_catalog.pg_control_system()").await.is_ok();
    let theirs = Who::ask(&mut control, system).await?;
    let ours = Who::ask(&mut first, system).await?;
    ours.identity.same(&theirs.identity)?;

    // A backend started by our own packet carries our own mark, and never answers on two connections.
    let marked = |mark: &Option<String>, who: &Option<String>| mark.is_some() && mark == who;
    let pid = |session: &Session| session.lane().backend().pid;
    let alone = marked(&entry.mark, &ours.mark)
        && marked(&second.mark, &theirs.mark)
        && pid(&first) != pid(&control)
        && pid(&first) == about.pid;

    let mut terms = Terms {
        alone,
        musts: settings::musts(about.encoding == "SQL_ASCII"),
        wishes: Vec::new(),
        identity: ours.identity,
    };
    terms.wishes = granted(&mut first, alone, settings::wishes(about.number)).await?;
    if alone {
        let (one, other) = tokio::join!(
            terms.make_ready(&mut first, entry.mark.as_deref()),
            terms.make_ready(&mut control, second.mark.as_deref())
        );
        one.and(other)?;
    } else {
        prove_once(&mut first, &terms).await?;
    }
    let tls = tls(door.target(), mode, alone, &mut first).await?;
    let server = server(door.target(), &about, &terms, tls, mode);
    Ok((first, control, terms, server))
}

/// On lent backends the proof belongs to each transaction; here it is given once before anything is promised. A pooler
/// that lends them from statement to statement hangs up at the first transaction.
async fn prove_once(session: &mut Session, terms: &Terms) -> Result<(), Fault> {
    let opened = session.say(terms.opening(false)).await;
    let closed = session.say("ROLLBACK").await; // once: whoever refuses it is no home for transactions
    let rows = opened.and_then(|rows| closed.map(|_| rows)).map_err(|fault| {
        settings::unsafe_session("no transaction could be held open through the pooler")
            .because(fault.to_string())
            .hint("waif needs a pooler that lends by transaction or by session, or the server itself.")
    })?;
    let row = rows.first().map_or(&[][..], Vec::as_slice);
    settings::verify(&terms.musts, row.get(2..).unwrap_or_default())
}

/// What the server says of itself.
struct About {
    version: String,
    number: u32,
    flavor: Flavor,
    words: String,
    pid: i32,
    database: String,
    user: String,
    superuser: bool,
    encoding: String,
    /// Foreign keys between tables that are members of extensions.
    within: u64,
}

/// Foreign keys within extensions: they are not inspected.
const WITHIN: &str = "SELECT count(*)::text FROM pg_catalog.pg_constraint WHERE contype = 'f' \
       AND conrelid IN (SELECT objid FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog.pg_class'::pg_catalog.regclass \
         AND deptype = 'e' AND refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass) \
       AND confrelid IN (SELECT objid FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog.pg_class'::pg_catalog.regclass \
         AND deptype = 'e' AND refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass)";

impl About {
    async fn of(session: &mut Session) -> Result<Self, Fault> {
        let words = text(&session.say("SELECT pg_catalog.version()").await?, 0);
        flavor::refuse_by_name(&words)?;
        let rows = session
            .say(
                "SELECT pg_catalog.current_setting('server_version'), pg_catalog.current_setting('server_version_num'), \
                 pg_catalog.pg_backend_pid()::text, pg_catalog.current_database()::text, current_user::text, \
                 pg_catalog.current_setting('is_superuser'), pg_catalog.current_setting('server_encoding'), \
                 (SELECT pg_catalog.string_agg(extname::text, ' ') FROM pg_catalog.pg_extension), \
                 EXISTS (SELECT 1 FROM pg_catalog.pg_proc WHERE proname = 'aurora_version')::text",
            )
            .await?;
        let number = text(&rows, 1).parse().unwrap_or_default();
        flavor::refuse_by_age(&words, number)?;
        // A fork that cannot tell has none to tell of.
        let within = session.say(WITHIN).await.map(|rows| text(&rows, 0)).unwrap_or_default();
        Ok(Self {
            within: within.parse().unwrap_or_default(),
            version: text(&rows, 0).split_whitespace().next().unwrap_or_default().to_owned(),
            number,
            flavor: flavor::of(&words, &text(&rows, 7), text(&rows, 8) == "true"),
            words,
            pid: text(&rows, 2).parse().unwrap_or_default(),
            database: text(&rows, 3),
            user: text(&rows, 4),
            superuser: text(&rows, 5) == "on",
            encoding: text(&rows, 6),
        })
    }
}

fn text(rows: &[Row], at: usize) -> String {
    rows.first().and_then(|row| row.get(at)).and_then(Value::text).unwrap_or_default().to_owned()
}

/// Encryption of our own link. Behind a pooler the server only knows of its link to the pooler.
async fn tls(target: &Target, mode: PgSslMode, alone: bool, session: &mut Session) -> Result<Tls, Fault> {
    if matches!(target.place, Place::Socket { .. }) {
        return Ok(Tls::Local);
    }
    let verified = matches!(mode, PgSslMode::VerifyFull);
    let asked = if alone {
        let asked = session
            .say("SELECT version FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid() AND ssl")
            .await;
        match asked {
            Ok(rows) => Some((!rows.is_empty()).then(|| text(&rows, 0))),
            Err(_) if session.is_lost() => return Err(crate::db::postgres::fault::lost()),
            Err(_) => None,
        }
    } else {
        None
    };
    let certain = matches!(mode, PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull);
    Ok(match asked {
        Some(Some(protocol)) => Tls::On { protocol, verified },
        None if certain => Tls::On { protocol: "TLS".to_owned(), verified },
        _ => Tls::Off,
    })
}

fn server(target: &Target, about: &About, terms: &Terms, tls: Tls, mode: PgSslMode) -> Server {
    let odd = matches!(about.flavor, Flavor::Cockroach);
    let pooled = !terms.alone && !odd;
    let mut notices = flavor::notices(about.flavor, &about.words, about.number);
    if pooled {
        notices.push("A pooler stands between waif and the server and lends its backends from transaction to transaction: every count has a moment of its own. Connect to the server itself to count at one moment.".to_owned());
    }
    if terms.identity.standby {
        notices.push(
            "This is a hot standby: it lags behind its primary, and recovery may cancel long counts."
                .to_owned(),
        );
    }
    if about.superuser {
        notices
            .push("The role is a superuser. SELECT on the tables is all waif needs to inspect.".to_owned());
    }
    if about.within > 0 {
        notices.push(format!(
            "{} between tables of extensions left out: what an extension keeps is its own affair.",
            counted(about.within, "foreign key is", "foreign keys are")
        ));
    }
    notices.extend(doubt(target, &tls, mode));
    notices.extend(options::leaked(target));
    Server {
        engine: EngineKind::Postgres,
        flavor: about.flavor,
        version: about.version.clone(),
        version_number: about.number,
        database: Untrusted::new(about.database.as_str()),
        user: Some(Untrusted::new(about.user.as_str())),
        address: Untrusted::new(address(&target.place)),
        // Without it no session is made ready.
        read_only: true,
        standby: terms.identity.standby,
        pooled,
        superuser: about.superuser,
        tls,
        default_schema: "public".to_owned(),
        notices,
    }
}

fn address(place: &Place) -> String {
    match place {
        Place::Host { name, port, .. } if name.contains(':') => format!("[{name}]:{port}"),
        Place::Host { name, port, .. } => format!("{name}:{port}"),
        Place::Socket { folder, port } => folder.join(socket_name(*port)).display().to_string(),
        Place::File(path) => path.display().to_string(),
    }
}

/// What is weak about a link over the network, where somebody asked for less than waif's default.
fn doubt(target: &Target, tls: &Tls, mode: PgSslMode) -> Option<String> {
    let Place::Host { name, .. } = &target.place else { return None };
    if options::is_loopback(name) && target.tls.mode.is_none() {
        return None;
    }
    let place = refusal::place(target);
    match (tls, mode) {
        (Tls::Off, _) => Some(format!("The link to {place} is not encrypted: who listens reads everything.")),
        (_, PgSslMode::VerifyCa) => Some(format!(
            "The certificate of {place} is verified but not its name: whoever holds a certificate of any authority this computer trusts could answer instead."
        )),
        (Tls::On { verified: false, .. }, _) => {
            Some(format!("The link to {place} is encrypted, but nobody verified who answers there."))
        }
        _ => None,
    }
}
