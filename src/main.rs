//! Hands the command line to `cli`.

use std::process::ExitCode;

/// A sixth less processor time for a list than with the C library's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    trellis::cli::main()
}
