//! A trial: something that writes is done to a fresh copy of a database, and what it cost is read from the server and the
//! system.

use crate::support::Server;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What a trial cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    pub wall: f64,
    /// Seconds of processor time of all backends.
    pub cpu: f64,
    /// Megabytes of WAL.
    pub wal: f64,
    /// Megabytes by which the table and its indexes grew.
    pub growth: f64,
    /// Share of updates that touched no index, in percent.
    pub hot: f64,
    /// The most memory of the process, in megabytes.
    pub memory: f64,
    /// Seconds from the first look for rows to the last batch, without what was counted before and after.
    pub filling: f64,
    /// Seconds of processor time of all backends meanwhile.
    pub filling_cpu: f64,
}

/// One statement's answer as text.
pub fn ask(server: &Server, database: &str, text: &str) -> String {
    let output = server.psql("postgres", database).args(["-c", text]).output().expect("psql runs");
    assert!(output.status.success(), "{text}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn number(server: &Server, database: &str, text: &str) -> f64 {
    ask(server, database, text).parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

/// A copy of a database, in the place of an earlier one of that name.
pub fn copy(server: &Server, from: &str, to: &str) {
    drop_copy(server, to);
    let how = if server.major() >= 15 { " STRATEGY file_copy" } else { "" };
    ask(server, "postgres", &format!("CREATE DATABASE {to} TEMPLATE {from}{how}"));
    ask(server, to, "CHECKPOINT");
    // The pages of both contenders come from the same caches.
    ask(server, to, "SELECT count(*), sum(length(host)) FROM audit_events");
}

pub fn drop_copy(server: &Server, database: &str) {
    ask(server, "postgres", &format!("DROP DATABASE IF EXISTS {database}"));
}

/// Ticks of the processor that ended children of the server used: of backends that are gone.
fn ticks(server: &Server) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.pid())).expect("a server that runs");
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    // Fields 16 and 17 of proc(5), counted from the third.
    fields[13..15].iter().map(|field| field.parse::<f64>().expect("a number")).sum()
}

const SIZE: &str =
    "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('audit_events') WHERE isleaf";
const HOT: &str = "SELECT coalesce(100.0 * sum(n_tup_hot_upd) / nullif(sum(n_tup_upd), 0), 0) FROM pg_stat_user_tables WHERE relname LIKE 'audit_events%'";
const WAL: &str = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')";

/// Runs a process to its end on the copy, and reads what that cost.
pub fn tried(server: &Server, database: &str, command: Command) -> Cost {
    followed(server, database, command).0
}

/// The processor time of all backends, by the time of day.
pub struct Course(Vec<(f64, f64)>);

impl Course {
    /// Seconds used until then.
    fn at(&self, second: f64) -> f64 {
        let before = self.0.iter().take_while(|(at, _)| *at <= second).last();
        before.or(self.0.first()).map_or(0.0, |(_, used)| *used)
    }

    /// Seconds used between two moments.
    pub fn between(&self, from: f64, to: f64) -> f64 {
        self.at(to) - self.at(from)
    }
}

/// Runs a process to its end on the copy, and follows what it cost.
pub fn followed(server: &Server, database: &str, mut command: Command) -> (Cost, Course) {
    until_alone(server, database);
    let (size, wal, cpu) = (number(server, database, SIZE), number(server, database, WAL), ticks(server));
    let begun = Instant::now();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("starts");
    let mut course = Course(Vec::new());
    let memory =
        watched(&mut child, || course.0.push((now(), (ticks(server) + living(server, database)) / 100.0)));
    let wall = begun.elapsed().as_secs_f64();
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    until_alone(server, database);
    let (wal, cpu) = (number(server, database, WAL) - wal, ticks(server) - cpu);
    std::thread::sleep(Duration::from_millis(if server.major() < 15 { 1500 } else { 0 }));
    let cost = Cost {
        wall,
        cpu: cpu / 100.0,
        wal: wal / 1e6,
        growth: (number(server, database, SIZE) - size) / 1e6,
        hot: number(server, database, HOT),
        memory,
        filling: wall,
        filling_cpu: cpu / 100.0,
    };
    (cost, course)
}

fn now() -> f64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

/// Ticks of the processor that living backends on the database used.
fn living(server: &Server, database: &str) -> f64 {
    let name = format!(" {database} ");
    let of = |pid: &String| {
        let title = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        if !title.contains(&name) && !title.contains("parallel worker") {
            return 0.0;
        }
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        // Fields 14 and 15 of proc(5), counted from the third.
        fields.get(11..13).into_iter().flatten().filter_map(|field| field.parse::<f64>().ok()).sum()
    };
    pids(server).iter().map(of).sum()
}

/// Waits for the end of every session on the database but the one that asks.
fn until_alone(server: &Server, database: &str) {
    let others = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid()"
    );
    while ask(server, "postgres", &others) != "0" {
        std::thread::sleep(Duration::from_millis(20));
    }
    // What the system counts for it comes when the process itself is gone.
    let name = format!(" {database} ");
    // One that ends has no title any more.
    let counts =
        |title: &String| title.is_empty() || title.contains(&name) || title.contains("parallel worker");
    while children(server).iter().any(counts) {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Numbers of the processes of the server.
fn pids(server: &Server) -> Vec<String> {
    let pid = server.pid();
    let list =
        std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("a server that runs");
    list.split_whitespace().map(str::to_owned).collect()
}

/// Their titles.
fn children(server: &Server) -> Vec<String> {
    let title = |pid: &String| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    pids(server).iter().map(title).collect()
}

/// The most memory of a process while it ran, in megabytes. Looks at something else each time, too.
fn watched(child: &mut Child, mut look: impl FnMut()) -> f64 {
    let mut peak = 0_f64;
    // Its messages are few; the pipe holds them.
    while child.try_wait().expect("a child").is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(kilobytes.unwrap_or(0.0) / 1024.0);
        look();
        std::thread::sleep(Duration::from_millis(10));
    }
    peak
}

/// Statements that somebody else sends meanwhile, one at a time with a pause of two milliseconds; what each took.
pub struct Beside {
    stop: std::sync::Arc<std::sync::atomic::AtomicBool>,
    thread: std::thread::JoinHandle<Vec<Duration>>,
}

impl Beside {
    pub fn begin(
        server: &Server,
        database: &str,
        statement: impl Fn(u64) -> String + Send + 'static,
    ) -> Self {
        let mut session = crate::support::Session::open(server.psql("postgres", database));
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let told = std::sync::Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let (mut times, mut at) = (Vec::new(), 0);
            while !told.load(std::sync::atomic::Ordering::SeqCst) {
                at += 1;
                let text = statement(at);
                let begun = Instant::now();
                session.say(&text);
                times.push(begun.elapsed());
                std::thread::sleep(Duration::from_millis(2));
            }
            times
        });
        Self { stop, thread }
    }

    /// Ends it; the median, the 99th percentile and the worst, in milliseconds.
    pub fn end(self) -> [f64; 3] {
        self.stop.store(true, std::sync::atomic::Ordering::SeqCst);
        let mut times = self.thread.join().expect("a writer ends");
        times.sort();
        let ms = |at: usize| {
            times.get(at.min(times.len().saturating_sub(1))).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
        };
        [ms(times.len() / 2), ms(times.len() * 99 / 100), ms(usize::MAX)]
    }
}

/// How long others hold locks that keep writers or readers away, looked at over and over.
pub struct Locks {
    stop: std::sync::Arc<std::sync::atomic::AtomicBool>,
    thread: std::thread::JoinHandle<std::collections::BTreeMap<String, Duration>>,
}

const STRONG: &str = "SELECT DISTINCT l.mode || ' ' || l.virtualtransaction FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
    WHERE l.granted AND c.relname LIKE 'audit_events%' AND l.pid <> pg_backend_pid()
      AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')";

impl Locks {
    pub fn begin(server: &Server, database: &str) -> Self {
        let mut session = crate::support::Session::open(server.psql("postgres", database));
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let told = std::sync::Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut first: std::collections::BTreeMap<String, Instant> = std::collections::BTreeMap::new();
            let mut longest: std::collections::BTreeMap<String, Duration> = std::collections::BTreeMap::new();
            while !told.load(std::sync::atomic::Ordering::SeqCst) {
                let before = Instant::now();
                let held = session.say(STRONG);
                first.retain(|lock, _| held.contains(lock));
                for lock in held {
                    let since = *first.entry(lock.clone()).or_insert(before);
                    let mode = lock.split(' ').next().unwrap_or_default().to_owned();
                    let most = longest.entry(mode).or_default();
                    *most = (*most).max(since.elapsed());
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            longest
        });
        Self { stop, thread }
    }

    /// Ends it; the longest time of each mode, in words.
    pub fn end(self) -> String {
        self.stop.store(true, std::sync::atomic::Ordering::SeqCst);
        let longest = self.thread.join().expect("a watcher ends");
        let told = |(mode, time): (&String, &Duration)| format!("{mode} {} ms", time.as_millis());
        longest.iter().map(told).collect::<Vec<_>>().join(", ")
    }
}

/// What an application does: it changes a row it knows by its key.
pub fn touch(rows: u64) -> impl Fn(u64) -> String + Send + 'static {
    move |at| {
        let row = 1 + at * 7919 % rows;
        format!(
            "UPDATE audit_events SET severity = 1 WHERE event_id = md5('{row}')::uuid AND event_date = day({row})"
        )
    }
}

/// What a reader does: it looks a row up.
pub fn look(rows: u64) -> impl Fn(u64) -> String + Send + 'static {
    move |at| {
        let row = 1 + at * 104_729 % rows;
        format!(
            "SELECT severity FROM audit_events WHERE event_id = md5('{row}')::uuid AND event_date = day({row})"
        )
    }
}
