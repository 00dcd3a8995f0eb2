//! The private PostgreSQL server: it keeps its data, comes back after every kind of death, and says clearly why not.

use std::{
    fs,
    io::{BufRead, BufReader, Lines, Read},
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio_postgres::{Client, Config, NoTls};
use trellis::embedded::{Durability, Embedded, EmbeddedError, Options};

/// Tells [`holds_a_server_for_another_test`] which folder to serve, after `lasting:` or `throwaway:`.
const HOLD: &str = "TRELLIS_TEST_HOLD";

/// A cluster that is made once and copied for each test: `initdb` takes seconds, a copy does not.
struct Original {
    folder: PathBuf,
    /// A shell that removes the folder when this process ends: statics are never dropped.
    _sweeper: Child,
}

impl Original {
    async fn make() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder").keep();
        let mut sweeper = Command::new("/bin/sh");
        sweeper.args(["-c", r#"read -r _; rm -rf -- "$1""#, "sh"]).arg(&folder).stdin(Stdio::piped());
        let sweeper = sweeper.process_group(0).spawn().expect("a shell");
        let server = fresh(options(&folder)).await;
        server.stop().await.expect("a clean stop");
        Self { folder, _sweeper: sweeper }
    }
}

async fn folder() -> TempDir {
    static ORIGINAL: OnceCell<Original> = OnceCell::const_new();
    let original = ORIGINAL.get_or_init(Original::make).await;
    let copy = tempfile::tempdir().expect("a temporary folder");
    let copied = Command::new("cp").arg("-a").arg(original.folder.join(".")).arg(copy.path()).status();
    assert!(copied.expect("cp runs").success());
    copy
}

/// Does not wait for the disk, but keeps its folder.
fn options(folder: &Path) -> Options {
    Options { durability: Durability::Throwaway, ..Options::new(folder) }
}

async fn fresh(options: Options) -> Embedded {
    Embedded::start(options).await.expect("the server starts")
}

async fn refusal(options: Options) -> EmbeddedError {
    Embedded::start(options).await.expect_err("the start is refused")
}

#[expect(clippy::disallowed_methods, reason = "a test's connection ends with the test's runtime")]
async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

async fn write_note(server: &Embedded, text: &str) {
    let client = connect(&server.admin_config()).await;
    client.batch_execute("create table if not exists note (text text)").await.expect("a table");
    client.execute("insert into note values ($1)", &[&text]).await.expect("a row");
}

async fn notes(config: &Config) -> Vec<String> {
    let rows = connect(config).await.query("select text from note order by 1", &[]).await.expect("the rows");
    rows.iter().map(|row| row.get(0)).collect()
}

fn postmaster(folder: &Path) -> i32 {
    let note = fs::read_to_string(folder.join("cluster/postmaster.pid")).expect("a running server");
    note.lines().next().and_then(|pid| pid.parse().ok()).expect("a process id")
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).expect("a process id");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("the signal is sent");
}

fn as_root() -> bool {
    rustix::process::geteuid().is_root()
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < Duration::from_secs(15), "{what} within 15 s");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Another process that serves a folder until its standard input closes.
struct Holder {
    process: Child,
    /// Kept open, for the process ends with an error when nobody listens any more.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Holder {
    fn start(mode: &str, folder: &Path, uid: Option<u32>) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this test program"));
        command.args(["--exact", "embedded::holds_a_server_for_another_test", "--nocapture"]);
        command.env(HOLD, format!("{mode}:{}", folder.display()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(uid) = uid {
            command.uid(uid).gid(uid).current_dir("/");
        }
        let mut process = command.spawn().expect("a second process");
        let mut output = BufReader::new(process.stdout.take().expect("its output")).lines();
        let ready = output.by_ref().map_while(Result::ok).any(|line| line.ends_with("holding"));
        assert!(ready, "the other process serves");
        Self { process, _output: output }
    }

    fn kill(mut self) {
        self.process.kill().expect("the signal is sent");
        self.process.wait().expect("its end");
    }

    fn release(mut self) -> bool {
        drop(self.process.stdin.take());
        self.process.wait().expect("its end").success()
    }
}

/// Does nothing by itself: [`Holder`] runs it as a second process, one that can be killed.
#[tokio::test]
async fn holds_a_server_for_another_test() {
    let Some(order) = std::env::var_os(HOLD) else { return };
    let order = order.into_string().expect("text");
    let (mode, folder) = order.split_once(':').expect("mode and folder");
    let server = match mode {
        "lasting" => fresh(Options::new(folder)).await,
        _ => fresh(Options { remove_folder: true, ..options(Path::new(folder)) }).await,
    };
    println!("\nholding");
    let mut nothing = Vec::new();
    std::io::stdin().read_to_end(&mut nothing).expect("standard input closes");
    server.stop().await.expect("a clean stop");
}

#[tokio::test]
async fn data_outlives_a_stop_and_a_start() {
    let folder = folder().await;
    let server = fresh(options(folder.path())).await;
    write_note(&server, "kept").await;
    server.stop().await.expect("a clean stop");
    assert!(!folder.path().join("cluster/postmaster.pid").exists());

    let server = fresh(options(folder.path())).await;
    assert_eq!(notes(&server.admin_config()).await, ["kept"]);
}

#[tokio::test]
async fn dropping_the_value_stops_the_server() {
    let folder = folder().await;
    drop(fresh(options(folder.path())).await);
    assert!(!folder.path().join("cluster/postmaster.pid").exists());
}

#[tokio::test]
async fn the_server_is_private_and_not_root() {
    let folder = folder().await;
    let server = fresh(options(folder.path())).await;
    let client = connect(&server.admin_config()).await;
    let listens: String = client.query_one("show listen_addresses", &[]).await.expect("a row").get(0);
    assert_eq!(listens, "");
    let process = fs::metadata(format!("/proc/{}", postmaster(folder.path()))).expect("the process");
    assert_ne!(process.uid(), 0);
    let password = fs::metadata(folder.path().join("password")).expect("the password file");
    assert_eq!(password.mode() & 0o777, 0o600);
    let run = fs::metadata(folder.path().join("run")).expect("the socket's folder");
    assert_eq!(run.mode() & 0o777, 0o700);
    let wrong = server.config_for("postgres", "guess", "trellis").connect(NoTls).await;
    assert!(wrong.is_err(), "a wrong password is refused");
}

#[tokio::test]
async fn a_killed_server_comes_back_with_its_data() {
    let folder = folder().await;
    let server = fresh(Options::new(folder.path())).await;
    write_note(&server, "committed").await;
    kill(postmaster(folder.path()));
    let config = server.admin_config();
    eventually("the server is back", async || config.connect(NoTls).await.is_ok()).await;
    assert_eq!(notes(&config).await, ["committed"]);
    server.stop().await.expect("a clean stop");
}

#[tokio::test]
async fn a_server_left_by_a_killed_process_is_adopted_and_later_stopped() {
    let folder = folder().await;
    Holder::start("lasting", folder.path(), None).kill();
    let left = postmaster(folder.path());

    let server = fresh(Options::new(folder.path())).await;
    assert_eq!(postmaster(folder.path()), left, "the same process serves on");
    write_note(&server, "adopted").await;
    kill(left);
    let config = server.admin_config();
    eventually("an adopted server is restarted too", async || config.connect(NoTls).await.is_ok()).await;
    assert_eq!(notes(&config).await, ["adopted"]);
    server.stop().await.expect("a clean stop");
    assert!(!folder.path().join("cluster/postmaster.pid").exists());
}

#[tokio::test]
async fn a_left_server_with_other_settings_is_restarted() {
    let folder = folder().await;
    Holder::start("lasting", folder.path(), None).kill();
    let left = postmaster(folder.path());
    let server = fresh(Options { max_connections: 33, ..Options::new(folder.path()) }).await;
    assert_ne!(postmaster(folder.path()), left);
    let client = connect(&server.admin_config()).await;
    let most: String = client.query_one("show max_connections", &[]).await.expect("a row").get(0);
    assert_eq!(most, "33");
}

#[tokio::test]
async fn both_killed_at_once_is_no_loss() {
    let folder = folder().await;
    let holder = Holder::start("lasting", folder.path(), None);
    let shared = Embedded::start_or_share(Options::new(folder.path())).await.expect("a shared server");
    write_note(&shared, "committed").await;
    let left = postmaster(folder.path());
    holder.kill();
    kill(left);
    let server = fresh(Options::new(folder.path())).await;
    assert_eq!(notes(&server.admin_config()).await, ["committed"]);
}

#[tokio::test]
async fn a_second_start_is_refused_by_name_and_may_share() {
    let folder = folder().await;
    let holder = Holder::start("lasting", folder.path(), None);
    let message = refusal(Options::new(folder.path())).await.to_string();
    assert!(message.contains(&format!("process {}", holder.process.id())), "{message}");

    let shared = Embedded::start_or_share(Options::new(folder.path())).await.expect("a shared server");
    write_note(&shared, "beside").await;
    let config = shared.admin_config();
    shared.stop().await.expect("nothing to do");
    assert_eq!(notes(&config).await, ["beside"], "the owner's server runs on");
    assert!(holder.release());
}

#[tokio::test]
async fn a_note_of_a_dead_server_does_not_keep_the_next_one_out() {
    let folder = folder().await;
    let note = folder.path().join("cluster/postmaster.pid");
    // A live stranger's number, as happens when numbers are given anew.
    let mut stranger = Command::new("sleep").arg("30").spawn().expect("sleep runs");
    fs::write(&note, format!("{}\n{}\n0\n5432\n\n\n", stranger.id(), folder.path().display()))
        .expect("a note");
    fs::set_permissions(&note, fs::Permissions::from_mode(0o600)).expect("its mode");
    let owner = fs::metadata(folder.path().join("cluster")).expect("the cluster");
    std::os::unix::fs::chown(&note, Some(owner.uid()), Some(owner.gid())).expect("its owner");
    let server = fresh(options(folder.path())).await;
    assert_ne!(postmaster(folder.path()).unsigned_abs(), stranger.id());
    drop(server);
    stranger.kill().and_then(|()| stranger.wait()).expect("its end");
}

#[tokio::test]
async fn data_of_another_major_version_is_left_alone() {
    let folder = folder().await;
    let version = folder.path().join("cluster/PG_VERSION");
    fs::write(&version, "9.6\n").expect("a version");
    let error = refusal(options(folder.path())).await;
    assert!(matches!(error, EmbeddedError::MajorMismatch { data: 9, .. }), "{error}");
}

#[tokio::test]
async fn a_lost_password_is_named_and_data_is_left_alone() {
    let folder = folder().await;
    fs::remove_file(folder.path().join("password")).expect("the password file");
    let message = refusal(options(folder.path())).await.to_string();
    assert!(message.contains("password"), "{message}");
    assert!(folder.path().join("cluster/PG_VERSION").exists());
}

#[tokio::test]
async fn an_interrupted_first_start_is_repeated() {
    let folder = folder().await;
    fs::rename(folder.path().join("cluster"), folder.path().join("cluster.unfinished"))
        .expect("a half cluster");
    let server = fresh(options(folder.path())).await;
    server.stop().await.expect("a clean stop");
    assert!(!folder.path().join("cluster.unfinished").exists());
}

#[tokio::test]
async fn a_wrong_setting_is_reported_with_the_servers_own_words() {
    let folder = folder().await;
    let extra_settings = vec![("shared_buffers".to_owned(), "lots".to_owned())];
    let error = refusal(Options { extra_settings, ..options(folder.path()) }).await;
    assert!(matches!(&error, EmbeddedError::StartFailed { tail, .. } if tail.contains("lots")), "{error}");
}

#[tokio::test]
async fn missing_programs_are_explained() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pg_bin = Some(PathBuf::from("/nowhere/bin"));
    let message = refusal(Options { pg_bin, ..options(folder.path()) }).await.to_string();
    assert!(message.contains("/nowhere/bin") && message.contains("DATABASE_URL"), "{message}");
}

#[tokio::test]
async fn a_deep_folder_with_odd_letters_works() {
    let source = folder().await;
    let parent = tempfile::tempdir().expect("a temporary folder");
    fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o755)).expect("its mode");
    let deep = parent.path().join("a folder, \"quoted\" and é ").join("deep".repeat(25));
    fs::create_dir_all(deep.parent().expect("a parent")).expect("the parent");
    fs::rename(source.path(), &deep).expect("the cluster moves");
    let server = fresh(options(&deep)).await;
    write_note(&server, "deep").await;
    assert_eq!(notes(&server.admin_config()).await, ["deep"]);
}

#[tokio::test]
async fn a_folder_out_of_reach_is_explained_to_root() {
    if !as_root() {
        return; // A plain user's server has the user's own reach.
    }
    let closed = tempfile::tempdir().expect("a temporary folder");
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).expect("its mode");
    let error = refusal(options(&closed.path().join("postgres"))).await;
    let named = matches!(&error, EmbeddedError::Unreachable { path, .. } if path.as_path() == closed.path());
    assert!(named, "{error}");
}

#[tokio::test]
async fn a_plain_user_runs_its_own_server() {
    if !as_root() {
        return; // Then every other test shows it.
    }
    let users = fs::read_to_string("/etc/passwd").expect("the users");
    let nobody =
        users.lines().find_map(|line| line.strip_prefix("nobody:x:")?.split(':').next()?.parse().ok());
    let nobody: u32 = nobody.expect("the user nobody");
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::os::unix::fs::chown(folder.path(), Some(nobody), Some(nobody)).expect("its owner");
    let holder = Holder::start("lasting", folder.path(), Some(nobody));
    let process = fs::metadata(format!("/proc/{}", postmaster(folder.path()))).expect("the process");
    assert_eq!(process.uid(), nobody);
    assert!(holder.release(), "a clean stop");

    let server = fresh(options(folder.path())).await;
    let process = fs::metadata(format!("/proc/{}", postmaster(folder.path()))).expect("the process");
    assert_eq!(process.uid(), nobody, "root keeps to the owner of the data");
    server.stop().await.expect("a clean stop");
}

#[tokio::test]
async fn a_throwaway_server_goes_with_its_process() {
    let folder = folder().await;
    let holder = Holder::start("throwaway", folder.path(), None);
    let server = postmaster(folder.path());
    holder.kill();
    eventually("the folder goes", async || !folder.path().exists()).await;
    assert!(!Path::new(&format!("/proc/{server}/cwd")).exists(), "the server ended");
}
