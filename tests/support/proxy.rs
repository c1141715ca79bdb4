//! A TCP door before a server's socket that can be slammed or go silent: the faults of a network, on purpose.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A proxy on a free port of 127.0.0.1.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    closed: AtomicBool,
    silent: AtomicBool,
    sent: AtomicU64,
    links: Mutex<Vec<TcpStream>>,
    trap: Mutex<Option<Trap>>,
    /// What the server hears instead of a text of the same length.
    instead: Mutex<Option<(&'static str, &'static str)>>,
}

/// A link to be cut around the next statement that holds a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trap {
    Before(&'static str),
    After(&'static str),
    /// Nothing passes any more once the statement has.
    Hush(&'static str),
    /// The statement went to the server: its answer meets a cut.
    Sprung,
}

impl Proxy {
    /// A door to a unix socket.
    pub fn before(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.closed.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(server) = UnixStream::connect(&socket) else { continue };
                shared.links.lock().expect("links").push(client.try_clone().expect("a socket"));
                relay(client, server, &shared);
            }
        });
        Self { port, state }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Bytes the server has sent through so far.
    pub fn sent(&self) -> u64 {
        self.state.sent.load(Ordering::SeqCst)
    }

    /// Cuts every link and refuses new ones.
    pub fn cut(&self) {
        self.state.closed.store(true, Ordering::SeqCst);
        for link in self.state.links.lock().expect("links").drain(..) {
            let _ = link.shutdown(Shutdown::Both);
        }
    }

    /// Cuts the link that carries the next statement with this text, before the server hears it. Other links live on.
    pub fn cut_before(&self, text: &'static str) {
        *self.state.trap.lock().expect("the trap") = Some(Trap::Before(text));
    }

    /// Cuts the link that carries the next statement with this text, after the server has answered it and before the
    /// answer arrives.
    pub fn cut_after(&self, text: &'static str) {
        *self.state.trap.lock().expect("the trap") = Some(Trap::After(text));
    }

    /// Falls silent when the next statement with this text has gone to the server: its answer never arrives.
    pub fn fall_silent_after(&self, text: &'static str) {
        *self.state.trap.lock().expect("the trap") = Some(Trap::Hush(text));
    }

    /// Whether it fell silent.
    pub fn is_silent(&self) -> bool {
        self.state.silent.load(Ordering::SeqCst)
    }

    /// Lets the server hear another text of the same length from now on.
    pub fn say_instead(&self, text: &'static str, other: &'static str) {
        assert_eq!(text.len(), other.len(), "the lengths of messages stay what they are");
        *self.state.instead.lock().expect("the texts") = Some((text, other));
    }

    /// Keeps every link open and passes nothing on any more: the half-open connection.
    pub fn fall_silent(&self) {
        self.state.silent.store(true, Ordering::SeqCst);
    }
}

impl State {
    /// Whether the link is to be cut here instead of passing this on.
    fn springs(&self, bytes: &[u8], from_server: bool) -> bool {
        let mut trap = self.trap.lock().expect("the trap");
        let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        match *trap {
            Some(Trap::Before(text)) if !from_server && holds(text) => {
                *trap = None;
                true
            }
            Some(Trap::After(text)) if !from_server && holds(text) => {
                *trap = Some(Trap::Sprung);
                false
            }
            Some(Trap::Hush(text)) if !from_server && holds(text) => {
                *trap = None;
                self.silent.store(true, Ordering::SeqCst);
                false
            }
            Some(Trap::Sprung) if from_server => {
                *trap = None;
                true
            }
            _ => false,
        }
    }
}

fn relay(client: TcpStream, server: UnixStream, state: &Arc<State>) {
    let (client_in, server_out) =
        (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
    let (up, down) = (Arc::clone(state), Arc::clone(state));
    std::thread::spawn(move || {
        pump(client_in, &server_out, &up, false);
        let _ = server_out.shutdown(Shutdown::Both);
    });
    std::thread::spawn(move || {
        pump(server, &client, &down, true);
        let _ = client.shutdown(Shutdown::Both);
    });
}

fn pump(mut from: impl Read, mut to: impl Write, state: &State, count: bool) {
    let mut buffer = [0_u8; 16 * 1024];
    while let Ok(read) = from.read(&mut buffer) {
        while state.silent.load(Ordering::SeqCst) && !state.closed.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(10));
        }
        if read == 0 || state.closed.load(Ordering::SeqCst) {
            return;
        }
        if state.springs(&buffer[..read], count) {
            return;
        }
        if let (Some((text, other)), false) = (*state.instead.lock().expect("the texts"), count)
            && let Some(at) = buffer[..read].windows(text.len()).position(|part| part == text.as_bytes())
        {
            buffer[at..at + text.len()].copy_from_slice(other.as_bytes());
        }
        if to.write_all(&buffer[..read]).is_err() {
            return;
        }
        if count {
            state.sent.fetch_add(read as u64, Ordering::SeqCst);
        }
    }
}
