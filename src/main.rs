//! Arguments in, exit code out. No logic.

use std::process::ExitCode;

fn main() -> ExitCode {
    waif::cli::main(std::env::args_os())
}
