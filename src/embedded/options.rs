//! What a caller may choose about the private server.

use std::path::PathBuf;

/// How a private server is made and run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder that belongs to the launcher alone; made where missing. Holds data, password, socket, lock and log. When
    /// root starts it, other users may pass through it (mode 0711), and its parents must let PostgreSQL's user pass.
    pub folder: PathBuf,
    /// Folder of `postgres` and `initdb`; searched for if `None`.
    pub pg_bin: Option<PathBuf>,
    /// What a commit waits for.
    pub durability: Durability,
    /// PostgreSQL's `shared_buffers`, with its unit: `128MB`.
    pub shared_buffers: String,
    /// PostgreSQL's `max_connections`.
    pub max_connections: u16,
    /// Further settings as (name, value); they win over all others.
    pub extra_settings: Vec<(String, String)>,
    /// Remove `folder` once a throwaway server has ended.
    pub remove_folder: bool,
}

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It is on disk: nothing confirmed is ever lost.
    Full,
    /// Nothing, and the server dies with the process that started it, even by `kill -9`. For tests alone.
    Throwaway,
}

impl Options {
    /// A lasting server in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            pg_bin: None,
            durability: Durability::Full,
            shared_buffers: "128MB".to_owned(),
            max_connections: 100,
            extra_settings: Vec::new(),
            remove_folder: false,
        }
    }

    /// A fast server for tests in a new folder under the system's temporary folder. It needs no care: when this process
    /// ends, even by `kill -9`, the server ends and the folder is removed, so it may sit in a static.
    pub fn throwaway() -> Self {
        let name = format!("trellis-throwaway-{}", uuid::Uuid::now_v7().simple());
        Self {
            durability: Durability::Throwaway,
            remove_folder: true,
            ..Self::new(std::env::temp_dir().join(name))
        }
    }
}
