//! `password_command`: a program that knows the password. It is given to `sh -c`; the first line it prints counts.

use super::super::env::Env;
use super::super::usage;
use crate::model::fault::Fault;
use crate::model::secret::Secret;
use crate::model::text::visible_bytes;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// How long the program may take: a person may have to touch a key or type a passphrase.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
/// How long its last words may take to arrive once it has ended.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// More than any password or complaint.
const LONGEST: u64 = 1 << 16;

/// Runs the command and takes the password from its output. `source` names the profile it stands in. No fault quotes
/// the command or its output: both may hold the password.
pub(super) fn run(command: &str, source: &str, patience: Duration, env: &Env) -> Result<Secret, Fault> {
    let failed = |what: String| usage(format!("The password_command of {source} {what}"));
    let hint = "Run the command in a shell; the first line it prints has to be the password.";
    let mut child = Command::new("sh")
        .args(["-c", command])
        .env_clear()
        .envs(&env.vars)
        .current_dir(&env.here)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed("could not be started.".to_owned()).because(error.to_string()))?;
    let password = heard(child.stdout.take(), b'\n');
    let complaint = heard(child.stderr.take(), b'\0');
    let Some(status) = wait(&mut child, patience) else {
        return Err(failed(format!("did not end within {} seconds.", patience.as_secs())).hint(hint));
    };
    if !status.success() {
        let code =
            status.code().map_or("was killed.".to_owned(), |code| format!("failed with exit code {code}."));
        let complaint = complaint.recv_timeout(LAST_WORDS).unwrap_or_default();
        return Err(failed(code).because(visible_bytes(complaint.trim_ascii())).hint(hint));
    }
    let line = password.recv_timeout(LAST_WORDS).unwrap_or_default();
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match std::str::from_utf8(line) {
        Ok("") => Err(failed("printed nothing.".to_owned()).hint(hint)),
        Ok(text) => Ok(Secret::new(text)),
        Err(_) => Err(failed("printed a line that is not UTF-8.".to_owned()).hint(hint)),
    }
}

/// Reads a stream up to a byte, beside the rest: a program that keeps it open after the command has ended must not hold
/// waif up. What follows is read and let go of, so that the command does not fail by writing it.
fn heard(stream: Option<impl Read + Send + 'static>, end: u8) -> mpsc::Receiver<Zeroizing<Vec<u8>>> {
    let (tell, told) = mpsc::channel();
    if let Some(stream) = stream {
        thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut text = Zeroizing::new(Vec::new());
            // What was read before a failure counts; nobody listens any more when the command took too long.
            let _ = stream.by_ref().take(LONGEST).read_until(end, &mut text);
            let _ = tell.send(text);
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
    }
    told
}

/// Waits for the command to end; none when it took too long and was killed.
fn wait(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + patience;
    while Instant::now() < end {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) => thread::sleep(Duration::from_millis(10)),
            Err(_) => break,
        }
    }
    // Either may fail only because it has just ended by itself.
    let _ = child.kill();
    let _ = child.wait();
    None
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn ran(command: &str, patience: Duration) -> Result<Secret, Fault> {
        let mut env = crate::config::tests::Ground::new().env(&[]);
        env.vars = Env::real().vars;
        env.here = "/".into();
        run(command, "profile shop in ~/config.toml", patience, &env)
    }

    fn told(command: &str) -> Fault {
        ran(command, PATIENCE).expect_err(command)
    }

    #[test]
    fn the_first_line_is_the_password() {
        for (command, password) in [
            ("echo s3", "s3"),
            ("printf 'a b\\r\\nsecond'", "a b"),
            ("printf s3", "s3"),
            ("echo s3; yes | head -c 300000", "s3"),
        ] {
            assert_eq!(ran(command, PATIENCE).expect(command).reveal(), password, "{command}");
        }
    }

    #[test]
    fn a_program_left_behind_does_not_hold_waif_up() {
        let start = Instant::now();
        assert_eq!(ran("echo s3; sleep 20 & exit 0", PATIENCE).expect("a password").reveal(), "s3");
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn failures_say_why_and_quote_neither_command_nor_output() {
        let failed = told("echo canary; printf 'no \\033key\\n' >&2; exit 3");
        assert_eq!(
            failed.headline,
            "The password_command of profile shop in ~/config.toml failed with exit code 3."
        );
        assert_eq!(failed.causes, ["no \\x1Bkey"]);
        assert!(told("true # canary").headline.ends_with("printed nothing."));
        assert!(told("printf '\\377canary\\n'").headline.contains("not UTF-8"));
        assert!(told("kill -9 $$ # canary").headline.contains("killed"));
        let late = ran("sleep 20 # canary", Duration::from_millis(50)).expect_err("too late");
        assert!(late.headline.contains("did not end"), "{}", late.headline);
        for fault in [failed, told("true # canary"), late] {
            assert!(!format!("{fault:?}").contains("canary"), "{fault:?}");
        }
    }
}
