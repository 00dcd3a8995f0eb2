//! Contents on the local disk: a draft beside its place, made durable, then renamed into it.

use std::io;
use std::path::{Path, PathBuf};

use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use super::{BlobError, FileStore, Hash, Staged};
use crate::id::TenantId;

/// How many first bytes are kept to tell the type from.
const HEAD: usize = 8 * 1024;

/// A folder that holds `<tenant>/<first two digits>/<hash>`, and drafts.
#[derive(Clone, Debug)]
pub struct LocalDisk {
    root: PathBuf,
}

/// A file that goes away unless it is put in its place.
#[derive(Debug)]
pub struct Draft {
    path: Option<PathBuf>,
}

impl Draft {
    fn path(&self) -> PathBuf {
        self.path.clone().unwrap_or_default()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = self.path.take()
            && let Err(error) = std::fs::remove_file(&path)
        {
            tracing::warn!(%error, "a draft of a file could not be removed");
        }
    }
}

/// Contents on their way in.
#[derive(Debug)]
pub struct Staging {
    draft: Draft,
    file: File,
    digest: Sha256,
    size: u64,
    head: Vec<u8>,
}

impl Staging {
    /// How many bytes have come so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes some more bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        let path = || self.draft.path();
        self.file.write_all(bytes).await.map_err(|source| BlobError::Disk { path: path(), source })?;
        self.digest.update(bytes);
        self.size += bytes.len() as u64;
        let missing = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..missing]);
        Ok(())
    }

    /// Everything has come and is durable.
    pub async fn finish(mut self) -> Result<Staged, BlobError> {
        let done = async {
            self.file.flush().await?;
            self.file.sync_all().await
        };
        done.await.map_err(|source| BlobError::Disk { path: self.draft.path(), source })?;
        let hash = Hash::of_digest(&self.digest.finalize());
        Ok(Staged { hash, size: self.size, head: self.head, file: self.draft })
    }
}

impl LocalDisk {
    /// A store in a folder, which is made when it is first needed.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn place(&self, tenant: TenantId, hash: &Hash) -> PathBuf {
        self.root.join(tenant.to_string()).join(&hash.as_str()[..2]).join(hash.as_str())
    }

    async fn begin(&self) -> Result<Staging, BlobError> {
        let folder = self.root.join("drafts");
        fs::create_dir_all(&folder).await.map_err(at(&folder))?;
        let path = folder.join(Uuid::now_v7().to_string());
        let file = File::create_new(&path).await.map_err(at(&path))?;
        let draft = Draft { path: Some(path) };
        Ok(Staging { draft, file, digest: Sha256::new(), size: 0, head: Vec::new() })
    }

    async fn keep(&self, tenant: TenantId, mut staged: Staged) -> Result<(), BlobError> {
        let place = self.place(tenant, &staged.hash);
        if fs::try_exists(&place).await.map_err(at(&place))? {
            return Ok(());
        }
        let folder = place.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).await.map_err(at(folder))?;
        let draft = staged.file.path();
        fs::rename(&draft, &place).await.map_err(at(&place))?;
        staged.file.path = None;
        // The names must outlast a crash as well as the bytes do.
        for made in folder.ancestors().take(3) {
            sync(made).await.map_err(at(made))?;
        }
        Ok(())
    }

    async fn open(&self, tenant: TenantId, hash: &Hash) -> Result<Option<File>, BlobError> {
        let place = self.place(tenant, hash);
        match File::open(&place).await {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(BlobError::Disk { path: place, source }),
        }
    }

    async fn remove(&self, tenant: TenantId, hash: &Hash) -> Result<(), BlobError> {
        let place = self.place(tenant, hash);
        match fs::remove_file(&place).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(at(&place)),
        }
    }
}

async fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder).await?.sync_all().await
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BlobError + use<> {
    let path = path.to_owned();
    move |source| BlobError::Disk { path, source }
}

impl FileStore for LocalDisk {
    fn stage(&self) -> BoxFuture<'_, Result<Staging, BlobError>> {
        Box::pin(self.begin())
    }

    fn put(&self, tenant: TenantId, staged: Staged) -> BoxFuture<'_, Result<(), BlobError>> {
        Box::pin(self.keep(tenant, staged))
    }

    fn get<'a>(&'a self, tenant: TenantId, hash: &'a Hash) -> BoxFuture<'a, Result<Option<File>, BlobError>> {
        Box::pin(self.open(tenant, hash))
    }

    fn delete<'a>(&'a self, tenant: TenantId, hash: &'a Hash) -> BoxFuture<'a, Result<(), BlobError>> {
        Box::pin(self.remove(tenant, hash))
    }
}
