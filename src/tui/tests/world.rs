//! A shop with damage, and a person in front of it: events are fed by hand, keys are pressed, the screen is read.

use crate::job::{Command, Event, Progress};
use crate::model::catalog::{
    Catalog, Column, Generated, Key, Persistence, RowSecurity, Table, TableId, TableKind,
};
use crate::model::check::Check;
use crate::model::finding::{Finding, Severity};
use crate::model::ident::{Ident, TableName};
use crate::model::policy::Policy;
use crate::model::relation::{self, End, Enforcement, Flaw, Matching, Origin, Referential, Relation};
use crate::model::scope::{Scope, Snapshot};
use crate::model::sent::{Purpose, Sent};
use crate::model::server::{EngineKind, Flavor, Server, Tls};
use crate::model::tally::{Counts, Tally, Why};
use crate::model::target::{Environment, Place, Target, TlsDemand};
use crate::tui::app::App;
use crate::tui::book::{Book, Line};
use crate::tui::draw::draw;
use crate::tui::msg::{Effect, Msg};
use crate::tui::start::{Look, Start, Writes};
use crate::tui::update::update;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub fn ident(name: &str) -> Ident {
    Ident::new(name).expect("no NUL")
}

fn name(table: &str) -> TableName {
    let (schema, table) = table.split_once('.').unwrap_or(("public", table));
    TableName { schema: ident(schema), name: ident(table) }
}

pub fn server() -> Server {
    Server {
        engine: EngineKind::Postgres,
        flavor: Flavor::Plain,
        version: "16.4".to_owned(),
        version_number: 160_004,
        database: "shop".into(),
        user: Some("dba_ro".into()),
        address: "db-prod-2:5432".into(),
        read_only: true,
        standby: false,
        pooled: false,
        superuser: false,
        tls: Tls::On { protocol: "TLSv1.3".to_owned(), verified: true },
        default_schema: "public".to_owned(),
        notices: Vec::new(),
    }
}

fn column(name: &str, number: i32) -> Column {
    Column {
        name: ident(name),
        number,
        type_name: "bigint".to_owned(),
        base_type: "bigint".to_owned(),
        collation: None,
        deterministic: true,
        collation_drifted: false,
        not_null: name == "id",
        never_null: name == "id",
        generated: Generated::No,
        default: None,
        readable: true,
        typed: true,
    }
}

/// A catalog of relations written as `child.column -> parent.column`; tables come from them.
pub fn catalog(relations: &[&str]) -> Catalog {
    let mut catalog = Catalog {
        server: server(),
        schemas: vec![ident("public")],
        tables: Vec::new(),
        relations: Vec::new(),
        gaps: Vec::new(),
    };
    for written in relations {
        let (child, parent) = written.split_once(" -> ").expect("child -> parent");
        let child = end(&mut catalog, child);
        let parent = end(&mut catalog, parent);
        catalog.relations.push(relation(child, parent));
    }
    catalog
}

fn end(catalog: &mut Catalog, written: &str) -> End {
    let (table, key) = written.rsplit_once('.').expect("table.column");
    let name = name(table);
    let known = catalog.tables.iter().position(|known| known.name == name);
    let place = known.unwrap_or_else(|| {
        let id = TableId(catalog.tables.len() as u32);
        catalog.tables.push(self::table(id, name.clone()));
        catalog.tables.len() - 1
    });
    let table = &mut catalog.tables[place];
    if table.column(&ident(key)).is_none() {
        let number = table.columns.len() as i32 + 1;
        table.columns.push(column(key, number));
    }
    End { table: Some(table.id), name, columns: vec![ident(key)] }
}

fn table(id: TableId, name: TableName) -> Table {
    Table {
        id,
        oid: 16_000 + id.0,
        name,
        kind: TableKind::Plain,
        persistence: Persistence::Permanent,
        partition_of: None,
        inherits: Vec::new(),
        partition_key: None,
        columns: vec![column("id", 1)],
        keys: vec![Key { name: None, columns: vec![0], primary: true, collations: Vec::new() }],
        indexes: Vec::new(),
        triggers: Vec::new(),
        rules: Vec::new(),
        row_security: RowSecurity::Off,
        estimated_rows: Some(8_112_000),
        bytes: None,
        readable: true,
        owner: None,
    }
}

fn relation(child: End, parent: End) -> Relation {
    let constraint = format!("{}_{}_fkey", child.name.name.raw(), child.columns[0].raw());
    Relation {
        id: relation::id(&child, &parent, "public"),
        origin: Origin::Declared,
        constraint: Some(ident(&constraint)),
        oid: 0,
        child,
        parent,
        on_delete: Referential::NoAction,
        on_update: Referential::NoAction,
        set_columns: Vec::new(),
        matching: Matching::Simple,
        deferrable: false,
        initially_deferred: false,
        validated: true,
        enforcement: Enforcement::On,
        temporal: false,
        comparisons: Vec::new(),
        partitions: 0,
        flaw: None,
        parent_index: None,
    }
}

/// The shop: eleven relations in every state there is.
pub fn shop() -> Catalog {
    let mut catalog = catalog(&[
        "invoices.customer_id -> customers.id",
        "invoices.order_id -> orders.id",
        "order_items.order_id -> orders.id",
        "order_items.product_id -> products.id",
        "orders.customer_id -> customers.id",
        "payments.invoice_id -> invoices.id",
        "refunds.order_id -> orders.id",
        "shipments.order_id -> orders.id",
        "staff.boss_id -> staff.id",
        "teams.owner_id -> users.id",
        "users.team_id -> teams.id",
        "legacy.customer_ref -> clients.id",
    ]);
    catalog.relations[2].validated = false;
    catalog.relations[5].enforcement =
        Enforcement::Off(vec!["The constraint's triggers are disabled on payments.".to_owned()]);
    catalog.relations[11].flaw = Some(Flaw::MissingTable);
    catalog.relations[11].parent.table = None;
    catalog
}

pub fn orphaned(rows: u64, orphans: u64, missing: u64) -> Tally {
    let counts = Counts {
        rows: Some(rows),
        orphans: Some(orphans),
        null_keys: Some(0),
        partly_null: Some(0),
        missing_parents: Some(missing),
    };
    Tally::counted(counts, 2.1)
}

/// The tallies of the shop, when all is counted that can be.
pub fn tallies() -> Vec<Tally> {
    let mut tallies: Vec<Tally> = (0..12).map(|_| orphaned(90_112, 0, 0)).collect();
    tallies[2] = orphaned(2_310_442, 41_207, 1_164);
    tallies[5] = orphaned(2_200_000, 318, 3);
    tallies[7] = Tally::not_checked(Why::Time("the statement ran longer than 30 s".to_owned()));
    tallies[11] = Tally::broken("the table clients does not exist", Counts::default());
    tallies
}

pub fn finding(
    severity: Severity,
    rule: &'static str,
    object: &str,
    message: &str,
    rows: Option<u64>,
) -> Finding {
    Finding {
        rule,
        severity,
        object: object.to_owned(),
        relation: object.contains("->").then(|| object.to_owned()),
        message: message.to_owned(),
        detail: None,
        rows,
        action: None,
    }
}

pub fn findings() -> Vec<Finding> {
    let orders = "order_items(order_id)->orders(id)";
    let mut findings = vec![
        finding(
            Severity::Critical,
            "orphan-rows",
            orders,
            "41,207 rows of order_items refer by order_id to rows of orders that do not exist.",
            Some(41_207),
        ),
        finding(
            Severity::Critical,
            "orphan-rows",
            "payments(invoice_id)->invoices(id)",
            "318 rows of payments refer by invoice_id to rows of invoices that do not exist.",
            Some(318),
        ),
        finding(
            Severity::Critical,
            "broken-reference",
            "legacy(customer_ref)->clients(id)",
            "legacy refers to clients, a table that does not exist.",
            None,
        ),
        finding(
            Severity::Critical,
            "not-enforced",
            "payments(invoice_id)->invoices(id)",
            "Nothing checks payments against invoices: the constraint's triggers are disabled.",
            None,
        ),
        finding(Severity::High, "not-valid", orders, "The constraint was never validated.", None),
        finding(
            Severity::High,
            "not-checked",
            "shipments(order_id)->orders(id)",
            "The orphans of shipments were not counted: the statement ran longer than 30 s.",
            None,
        ),
        finding(
            Severity::Medium,
            "missing-index",
            "refunds(order_id)->orders(id)",
            "No index of refunds serves order_id: every delete in orders reads the whole table.",
            None,
        ),
        finding(
            Severity::Medium,
            "cycle",
            "teams",
            "teams and users refer to each other, so that neither can be loaded first.",
            None,
        ),
    ];
    findings[0].detail = Some("They miss 1,164 different parents. The constraint is NOT VALID.".to_owned());
    findings
}

pub fn start(look: Look) -> Start {
    let target = Target {
        engine: EngineKind::Postgres,
        place: Place::Host { name: "db-prod-2".to_owned(), address: None, port: 5432 },
        database: Some("shop".to_owned()),
        user: Some("dba_ro".to_owned()),
        password: None,
        tls: TlsDemand::default(),
        connect_timeout: 10,
        options: None,
        application_name: "waif".to_owned(),
        attach: Vec::new(),
        environment: Environment::Production,
        profile: None,
        before: None,
        password_command: None,
        sources: BTreeMap::new(),
        notices: Vec::new(),
    };
    Start {
        target: Some(target),
        book: Book::default(),
        scope: Scope::default(),
        policy: Policy::default(),
        memory: None,
        watch: Duration::from_secs(60),
        writes: Writes::default(),
        look,
    }
}

/// A person in front of the inspector.
pub struct Person {
    pub app: App,
    pub effects: Vec<Effect>,
    now: Duration,
}

impl Person {
    /// Opens the inspector in a terminal of this size; nothing has been answered yet.
    pub fn new(width: u16, height: u16) -> Self {
        Self::looking(width, height, Look::default())
    }

    pub fn looking(width: u16, height: u16, look: Look) -> Self {
        let mut app = App::new(&start(look)).expect("the shipped tables are well formed");
        let effects = vec![app.check()];
        let mut person = Self { app, effects, now: Duration::ZERO };
        person.msg(Msg::Resize(width, height));
        person
    }

    /// Opens the inspector without a target: these connections can be chosen.
    pub fn choosing(width: u16, height: u16, lines: Vec<Line>, tried: &[&str]) -> Self {
        let mut start = start(Look::default());
        start.target = None;
        start.book = Book { lines, tried: tried.iter().map(|s| (*s).to_owned()).collect(), dial: None };
        let mut app = App::new(&start).expect("the shipped tables are well formed");
        crate::tui::overlay::picker::open(&mut app);
        let mut person = Self { app, effects: Vec::new(), now: Duration::ZERO };
        person.msg(Msg::Resize(width, height));
        person
    }

    /// The same, connected.
    pub fn connected(width: u16, height: u16) -> Self {
        let mut person = Self::new(width, height);
        person.hear(Event::Connected(Arc::new(server())));
        person
    }

    /// The same, with the shop's catalog read and its catalog findings told.
    pub fn at_the_shop(width: u16, height: u16) -> Self {
        let mut person = Self::connected(width, height);
        person.hear(Event::Cataloged(Arc::new(shop())));
        let early =
            findings().into_iter().filter(|finding| !matches!(finding.rule, "orphan-rows" | "not-checked"));
        person.hear(Event::Found(Arc::new(early.collect())));
        person
    }

    /// The same, with everything counted that can be.
    pub fn after_the_check(width: u16, height: u16) -> Self {
        let mut person = Self::at_the_shop(width, height);
        person.wait(Duration::from_millis(6_200));
        person.hear(Event::Checked(Arc::new(checked(shop(), tallies(), findings()))));
        person
    }

    pub fn msg(&mut self, msg: Msg) -> &mut Self {
        self.effects.extend(update(&mut self.app, msg));
        self
    }

    pub fn hear(&mut self, event: Event) -> &mut Self {
        self.msg(Msg::News(event)).wait(Duration::ZERO)
    }

    pub fn wait(&mut self, time: Duration) -> &mut Self {
        self.now += time;
        let now = self.now;
        self.msg(Msg::Tick(now));
        if self.app.changed {
            self.msg(Msg::Frame);
        }
        self
    }

    /// Presses keys: letters as they are, others by name in angle brackets.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|inner| inner.split_once('>'));
            let (event, after) = match named {
                Some((name, after)) => (key(name), after),
                None => (KeyEvent::new(KeyCode::Char(first), KeyModifiers::NONE), &rest[first.len_utf8()..]),
            };
            self.msg(Msg::Key(event));
            rest = after;
        }
        self.wait(Duration::ZERO)
    }

    /// The commands sent to the desk so far.
    pub fn commands(&self) -> Vec<&Command> {
        let commands = self.effects.iter().filter_map(|effect| match effect {
            Effect::Submit(command) => Some(command),
            _ => None,
        });
        commands.collect()
    }

    /// The screen, line by line.
    pub fn screen(&self) -> String {
        let mut terminal =
            Terminal::new(TestBackend::new(self.app.size.width, self.app.size.height)).expect("a terminal");
        terminal.draw(|frame| draw(&self.app, frame)).expect("a frame");
        terminal.backend().to_string()
    }

    /// The screen's lines, without what only fills them.
    pub fn lines(&self) -> Vec<String> {
        self.screen().lines().map(|line| line.trim_matches('"').trim_end().to_owned()).collect()
    }

    /// Whether a text stands on the screen.
    pub fn sees(&self, text: &str) -> bool {
        self.lines().iter().any(|line| line.contains(text))
    }

    /// The line with the cursor of the list.
    pub fn selected(&self) -> String {
        let marked = |line: &String| {
            let line = line.trim_start_matches(['│', ' ']);
            // A finding whose fix is staged carries a cross behind the marker.
            line.starts_with("> ") || line.starts_with(">+")
        };
        self.lines().into_iter().find(marked).unwrap_or_default()
    }
}

fn key(name: &str) -> KeyEvent {
    let (code, modifiers) = match name {
        "enter" => (KeyCode::Enter, KeyModifiers::NONE),
        "esc" => (KeyCode::Esc, KeyModifiers::NONE),
        "tab" => (KeyCode::Tab, KeyModifiers::NONE),
        "down" => (KeyCode::Down, KeyModifiers::NONE),
        "backtab" => (KeyCode::BackTab, KeyModifiers::NONE),
        "up" => (KeyCode::Up, KeyModifiers::NONE),
        "backspace" => (KeyCode::Backspace, KeyModifiers::NONE),
        "pgdn" => (KeyCode::PageDown, KeyModifiers::NONE),
        "ctrl-c" => (KeyCode::Char('c'), KeyModifiers::CONTROL),
        other => panic!("no key {other}"),
    };
    KeyEvent::new(code, modifiers)
}

pub fn checked(catalog: Catalog, tallies: Vec<Tally>, findings: Vec<Finding>) -> Check {
    Check {
        catalog: Arc::new(catalog),
        tallies,
        findings,
        suppressed: Vec::new(),
        gaps: Vec::new(),
        environment: Environment::Production,
        started_at: "2026-11-20T20:11:00Z".to_owned(),
        finished_at: "2026-11-20T20:11:06Z".to_owned(),
        snapshot: Snapshot::One,
    }
}

pub fn progress(done: usize, now: &[&str]) -> Event {
    let now = now.iter().map(|name| (*name).to_owned()).collect();
    Event::Progress(Progress { phase: "counting", done, total: 12, now })
}

pub fn sent(purpose: Purpose, text: &str, rows: usize) -> Event {
    let took = Duration::from_millis(141);
    Event::Sent(Sent { purpose, text: text.to_owned(), took, outcome: Ok(rows) })
}
