//! A psql that stays open: the other session, which holds a lock or a transaction while the program runs.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// An open session; closed, and its transaction rolled back, when dropped.
#[derive(Debug)]
pub struct Session {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Session {
    pub fn open(mut psql: Command) -> Self {
        psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = psql.spawn().expect("psql starts");
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, stdin, stdout }
    }

    /// Sends statements and waits until they are done. Returns the lines they printed.
    pub fn say(&mut self, sql: &str) -> Vec<String> {
        let stdin = self.stdin.as_mut().expect("an open session");
        writeln!(stdin, "{sql};\n\\echo said and done").expect("the session takes statements");
        stdin.flush().expect("the session takes statements");
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let read = self.stdout.read_line(&mut line).expect("the session answers");
            assert!(read > 0, "the session ended at: {sql}");
            match line.trim_end() {
                "said and done" => return lines,
                text => lines.push(text.to_owned()),
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}
