//! The `qgate` program. All it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(qgate::cli::main(std::env::args_os()) as u8)
}
