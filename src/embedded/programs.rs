//! Finds PostgreSQL's server programs on this machine and picks the version that fits the data.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::error::EmbeddedError;

/// The oldest major version that the migrations work on.
const OLDEST_MAJOR: u32 = 15;

/// Folders whose children are named after versions, and the folder of programs below each child.
const VERSIONED: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
];

/// One installed PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    /// Folder with `postgres`, `initdb`, and usually `pgbench` and `psql`.
    pub(super) folder: PathBuf,
    /// Major version.
    pub(super) major: u32,
}

impl Programs {
    /// Picks the installed PostgreSQL to use: the one that wrote the data if there is data, else the first found
    /// (`explicit` alone if given; the search path; then the well-known places, highest version first).
    pub(super) fn find(
        explicit: Option<&Path>,
        cluster: &Path,
        data_major: Option<u32>,
    ) -> Result<Self, EmbeddedError> {
        let places = match explicit {
            Some(folder) => vec![folder.to_owned()],
            None => places(),
        };
        let found: Vec<Self> = places.iter().filter_map(|folder| inspect(folder)).collect();
        choose(found, cluster, data_major).unwrap_or_else(|| {
            let looked: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
            Err(EmbeddedError::NotInstalled { looked: looked.join(", ") })
        })
    }

    /// The server program.
    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    /// The program that makes a cluster.
    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }
}

/// `None` when nothing at all was found.
fn choose(
    found: Vec<Programs>,
    cluster: &Path,
    data_major: Option<u32>,
) -> Option<Result<Programs, EmbeddedError>> {
    let newest = found.iter().max_by_key(|programs| programs.major)?.clone();
    if newest.major < OLDEST_MAJOR {
        return Some(Err(EmbeddedError::TooOld { folder: newest.folder, major: newest.major }));
    }
    let fits = |programs: &Programs| match data_major {
        Some(major) => programs.major == major,
        None => programs.major >= OLDEST_MAJOR,
    };
    let mut majors: Vec<u32> = found.iter().map(|programs| programs.major).collect();
    majors.sort_unstable();
    majors.dedup();
    Some(found.into_iter().find(fits).ok_or_else(|| EmbeddedError::MajorMismatch {
        cluster: cluster.to_owned(),
        data: data_major.unwrap_or_default(),
        found: majors.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
    }))
}

/// Every folder worth a look, best first.
fn places() -> Vec<PathBuf> {
    // The search path is no setting of ours, so it is read where it is used.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).filter(|place| place.is_absolute()).collect();
    let mut versions: Vec<(u32, PathBuf)> = VERSIONED
        .iter()
        .flat_map(|(parent, prefix, below)| versions_in(Path::new(parent), prefix, below))
        .collect();
    versions.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    places.extend(versions.into_iter().map(|(_, place)| place));
    places
}

/// The children of `parent` named `<prefix><number>`.
fn versions_in(parent: &Path, prefix: &str, below: &str) -> Vec<(u32, PathBuf)> {
    let Ok(children) = fs::read_dir(parent) else { return Vec::new() };
    children
        .flatten()
        .filter_map(|child| {
            let major = child.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((major, child.path().join(below)))
        })
        .collect()
}

/// What is installed in `folder`, if both programs are there and the server tells its version. Links are followed, so
/// that `/usr/local/bin/postgres` leads to the folder that holds all programs of that version.
fn inspect(folder: &Path) -> Option<Programs> {
    let linked = folder.join("postgres").canonicalize().ok()?;
    let real = linked.parent()?;
    let folder = if real.join("initdb").is_file() { real } else { folder };
    if !folder.join("initdb").is_file() {
        return None;
    }
    let answer = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let major = major_of(&String::from_utf8_lossy(&answer.stdout))?;
    Some(Programs { folder: folder.to_owned(), major })
}

/// Reads the major version out of `postgres (PostgreSQL) 15.18 (Debian …)` or `… 18beta1`.
fn major_of(answer: &str) -> Option<u32> {
    let (_, version) = answer.split_once("(PostgreSQL) ")?;
    let end = version.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(version.len());
    version[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(majors: &[u32]) -> Vec<Programs> {
        majors.iter().map(|major| Programs { folder: format!("/pg/{major}").into(), major: *major }).collect()
    }

    fn chosen(majors: &[u32], data: Option<u32>) -> Result<u32, String> {
        match choose(installed(majors), Path::new("/data/cluster"), data) {
            Some(answer) => answer.map(|programs| programs.major).map_err(|error| error.to_string()),
            None => Err("nothing".into()),
        }
    }

    #[test]
    fn versions_are_read_from_releases_and_previews() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 19beta2"), Some(19));
        assert_eq!(major_of("something else 15"), None);
    }

    #[test]
    fn without_data_the_first_new_enough_is_taken() {
        assert_eq!(chosen(&[14, 16, 17], None), Ok(16));
    }

    #[test]
    fn with_data_the_version_that_wrote_it_is_taken() {
        assert_eq!(chosen(&[17, 16, 15], Some(15)), Ok(15));
    }

    #[test]
    fn another_version_than_the_datas_is_refused_by_name() {
        let message = chosen(&[16, 17], Some(15)).expect_err("15 is not installed");
        assert!(message.contains("written by PostgreSQL 15, but only PostgreSQL 16, 17 is"), "{message}");
    }

    #[test]
    fn old_programs_are_refused_and_none_is_none() {
        let message = chosen(&[13, 14], None).expect_err("14 is too old");
        assert!(message.contains("PostgreSQL 14 in /pg/14 is too old"), "{message}");
        assert_eq!(chosen(&[], None), Err("nothing".into()));
    }
}
