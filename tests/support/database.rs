//! A PostgreSQL database with a name of its own, dropped with the value.

use super::server::Server;
use super::session::Session;
use super::unique;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// A database on a server.
#[derive(Debug)]
pub struct Database {
    server: &'static Server,
    name: String,
    roles: Mutex<Vec<String>>,
}

impl Database {
    /// A new, empty database on the shared server.
    pub fn new(hint: &str) -> Self {
        Self::on(Server::shared(), hint)
    }

    /// A new, empty database on a server that lives as long as the process.
    pub fn on(server: &'static Server, hint: &str) -> Self {
        let name = unique(hint);
        run(server.psql("postgres", "postgres"), &format!("CREATE DATABASE {name}")).expect("a database");
        Self { server, name, roles: Mutex::default() }
    }

    /// A new database filled by a script.
    pub fn with(hint: &str, sql: &str) -> Self {
        let database = Self::new(hint);
        database.execute(sql);
        database
    }

    /// The database of the same name on another server, which was made from this one's.
    pub fn copied_to(&self, server: &'static Server) -> Self {
        Self { server, name: self.name.clone(), roles: Mutex::default() }
    }

    pub fn server(&self) -> &'static Server {
        self.server
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its URL for the superuser.
    pub fn url(&self) -> String {
        self.url_as("postgres")
    }

    /// Its URL for a role.
    pub fn url_as(&self, role: &str) -> String {
        self.server.url(role, &self.name)
    }

    /// Runs a script as superuser, statement by statement, as `psql -f` does.
    pub fn execute(&self, sql: &str) {
        self.try_execute(sql).unwrap_or_else(|error| panic!("the script failed: {error}\n{sql}"));
    }

    /// Runs a script and returns what it printed, or the server's complaint.
    pub fn try_execute(&self, sql: &str) -> Result<String, String> {
        run(self.server.psql("postgres", &self.name), sql)
    }

    /// What a query answers: rows by newline, columns by `|`.
    pub fn ask(&self, sql: &str) -> String {
        let said = self.try_execute(sql).unwrap_or_else(|error| panic!("the query failed: {error}\n{sql}"));
        said.trim_end_matches('\n').to_owned()
    }

    /// What a query answers as one number.
    pub fn count(&self, sql: &str) -> u64 {
        let said = self.ask(sql);
        said.parse().unwrap_or_else(|_| panic!("not one number: {said}\n{sql}"))
    }

    /// A session that stays open, to hold locks and transactions.
    pub fn session(&self) -> Session {
        Session::open(self.server.psql("postgres", &self.name))
    }

    /// A new role that may log in and nothing else, forgotten with the database.
    pub fn role(&self, hint: &str, attributes: &str) -> String {
        let role = unique(hint);
        self.execute(&format!("CREATE ROLE {role} LOGIN NOSUPERUSER NOINHERIT {attributes}"));
        self.roles.lock().expect("roles").push(role.clone());
        role
    }

    /// A new role that may SELECT from every table there is now, and nothing else.
    pub fn reader(&self) -> String {
        let role = self.role("reader", "");
        self.execute(&format!(
            "DO $$ DECLARE s name; BEGIN
               FOR s IN SELECT nspname FROM pg_catalog.pg_namespace
                        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
                 EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', s);
                 EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO {role}', s);
               END LOOP; END $$"
        ));
        role
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let mut script = format!(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
               WHERE datname = '{0}' AND pid <> pg_catalog.pg_backend_pid();
             DROP DATABASE IF EXISTS {0};",
            self.name
        );
        for role in self.roles.get_mut().expect("roles") {
            script.push_str(&format!("DROP ROLE {role};"));
        }
        let dropped = run(self.server.psql("postgres", "postgres"), &script);
        if let (Err(error), false) = (dropped, std::thread::panicking()) {
            panic!("the database {} could not be dropped: {error}", self.name);
        }
    }
}

fn run(mut psql: Command, script: &str) -> Result<String, String> {
    psql.args(["-f", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = psql.spawn().expect("psql starts; on Debian it comes with postgresql-client");
    let mut stdin = child.stdin.take().expect("piped");
    let script = script.to_owned();
    let feeder = std::thread::spawn(move || {
        // psql closes its end early after an error; that error is the one to report.
        let _ = stdin.write_all(script.as_bytes());
    });
    let output = child.wait_with_output().expect("psql ends");
    feeder.join().expect("the feeder ends");
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
