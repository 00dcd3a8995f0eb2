//! Room.
pub mod tenant;
pub mod user;
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
