//! One process per folder: an advisory lock that the system releases even after `kill -9`.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Write},
    process,
};

use super::{
    error::{EmbeddedError, OnFile},
    folder::Folder,
};

/// Held as long as the value lives.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock at once or says who has it.
    pub(super) fn take(folder: &Folder) -> Result<Self, EmbeddedError> {
        let path = folder.lock();
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .on_file("open the lock file", &path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = holder(&mut file);
                return Err(EmbeddedError::Locked { folder: folder.root().to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(source).on_file("lock", &path),
        }
        file.set_len(0).and_then(|()| write!(file, "{}", process::id())).on_file("write", &path)?;
        Ok(Self { _file: file })
    }
}

/// The holder as its own note names it; only ever shown to a person.
fn holder(file: &mut File) -> String {
    let mut note = String::new();
    match file.read_to_string(&mut note) {
        Ok(_) if !note.is_empty() => format!("process {note}"),
        _ => "unknown process".to_owned(),
    }
}
