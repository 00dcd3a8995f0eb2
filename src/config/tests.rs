//! What wins over what, what is refused and how, and that no setting lacks its flag, variable, key or explanation.

use std::{ffi::OsString, fs, path::Path};

use clap::{CommandFactory, Parser};

use super::{ConfigError, LogFormat, ServeSettings, Settings, SettingsFile, Signup};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    serve: ServeSettings,
}

fn nothing(_: &str) -> Option<OsString> {
    None
}

fn file(text: &str) -> SettingsFile {
    SettingsFile::parse(Path::new("trellis.toml"), text).expect("a good file")
}

/// Resolved from flags, with the other variables of the environment and a file.
fn settings_in(
    flags: &[&str],
    environment: &dyn Fn(&str) -> Option<OsString>,
    toml: &str,
) -> Result<Settings, ConfigError> {
    let line = ["trellis"].iter().chain(flags);
    let given = Line::try_parse_from(line).expect("good flags").serve;
    given.resolve_in(environment, &file(toml))
}

fn settings(flags: &[&str], toml: &str) -> Settings {
    settings_in(&[flags, &["--data-dir", "/d"]].concat(), &nothing, toml).expect("good settings")
}

fn refusal(flags: &[&str], toml: &str) -> String {
    let refused = settings_in(&[flags, &["--data-dir", "/d"]].concat(), &nothing, toml);
    let error = refused.expect_err("the settings are refused");
    match std::error::Error::source(&error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[test]
fn defaults_serve_this_machine_alone() {
    let settings = settings(&[], "");
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.root_url.as_str(), "http://127.0.0.1:8080/");
    assert!(!settings.secure_cookies && !settings.demo);
    assert_eq!(settings.rate_limit.map(u32::from), Some(100));
    assert_eq!(settings.storage.pool_size, 16);
    let private = settings.storage.embedded().expect("the private server");
    assert_eq!(private.folder, Path::new("/d/postgres"));
}

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
    let toml =
        "listen = '127.0.0.1:1'\nsignup = 'closed'\nlog_format = 'json'\ntemplates = ['/a']\npool_size = 5";
    let settings = settings(&["--listen", "127.0.0.1:2", "--templates", "/b:/c"], toml);
    assert_eq!(settings.listen.port(), 2);
    assert_eq!(settings.signup, Signup::Closed);
    assert_eq!(settings.log.format, LogFormat::Json);
    assert_eq!(settings.storage.templates, [Path::new("/b"), Path::new("/c")]);
    assert_eq!(settings.storage.pool_size, 5);
}

#[test]
fn a_switch_may_be_turned_off_against_the_file() {
    assert!(settings(&["--demo"], "").demo);
    assert!(settings(&[], "demo = true").demo);
    assert!(!settings(&["--demo=false"], "demo = true").demo);
}

#[test]
fn the_usual_database_variable_counts_after_our_own() {
    let usual = |name: &str| (name == "DATABASE_URL").then(|| OsString::from("postgres://usual/x"));
    let database = |flags: &[&str]| {
        let settings =
            settings_in(flags, &usual, "database_url = 'postgres://file/x'").expect("good settings");
        assert!(settings.storage.embedded().is_none());
        settings.storage.database_url.expect("an address").to_string()
    };
    assert_eq!(database(&["--data-dir", "/d"]), "postgres://usual/x");
    assert_eq!(database(&["--data-dir", "/d", "--database-url", "postgres://flag/x"]), "postgres://flag/x");
}

#[test]
fn https_turns_secure_cookies_on() {
    assert!(settings(&["--root-url", "https://crm.example.com"], "").secure_cookies);
    assert!(
        !settings(&["--root-url", "https://crm.example.com", "--secure-cookies=false"], "").secure_cookies
    );
    assert_eq!(settings(&["--listen", "0.0.0.0:90"], "").root_url.as_str(), "http://localhost:90/");
}

#[test]
fn zero_means_no_rate_limit() {
    assert_eq!(settings(&["--rate-limit", "0"], "").rate_limit, None);
}

#[test]
fn printed_settings_hold_no_password() {
    let address = "postgres://u:topsecret@h/d?password=topsecret";
    let flags = ["--demo-password", "topsecret", "--database-url", address];
    let settings = settings(&flags, "");
    let (shown, debugged) = (settings.to_string(), format!("{settings:?}"));
    assert!(!shown.contains("topsecret") && !debugged.contains("topsecret"), "{shown}\n{debugged}");
    assert!(shown.contains("database_url = postgres://u:***@h/d"), "{shown}");
    assert!(shown.contains("listen = 127.0.0.1:8080"), "{shown}");
}

#[test]
fn an_unknown_key_is_named_with_the_likely_meant_one() {
    let refused = SettingsFile::parse(Path::new("trellis.toml"), "lisen = 'x'").expect_err("no such setting");
    let message = refused.to_string();
    assert_eq!(message, "the settings file trellis.toml has an unknown key `lisen`; did you mean `listen`?");
    let refused = SettingsFile::parse(Path::new("trellis.toml"), "zzz = 1").expect_err("no such setting");
    assert!(refused.to_string().ends_with("unknown key `zzz`"));
}

#[test]
fn wrong_values_are_named() {
    for (toml, words) in [
        ("listen = 'here'", "listen"),
        ("pool_size = 'many'", "pool_size"),
        ("signup = 'maybe'", "signup"),
        ("log_filter = 'a=b=c'", "log_filter"),
        ("root_url = 'ftp://x'", "root_url"),
        ("root_url = 'https://x/crm'", "must end after the host name"),
        ("pool_size = 1", "pool_size"),
        ("app_database_url = 'postgres://x'", "system_database_url"),
    ] {
        let message = refusal(&[], toml);
        assert!(message.contains(words), "{toml}: {message}");
    }
}

#[test]
fn a_missing_or_broken_file_is_named() {
    let missing = SettingsFile::read(Some(Path::new("/nowhere/t.toml"))).expect_err("no such file");
    assert!(missing.to_string().contains("/nowhere/t.toml"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("t.toml");
    fs::write(&path, "listen = ").expect("a broken file");
    assert!(matches!(SettingsFile::read(Some(&path)), Err(ConfigError::Syntax { .. })));
}

#[test]
fn every_setting_has_a_flag_a_variable_and_an_explanation() {
    let command = Line::command();
    let settings = command.get_arguments().filter(|argument| argument.get_id() != "help");
    for setting in settings {
        let name = setting.get_id().as_str();
        let flag = name.replace('_', "-");
        assert_eq!(setting.get_long(), Some(flag.as_str()));
        let variable = format!("TRELLIS_{}", name.to_uppercase());
        assert_eq!(setting.get_env(), Some(variable.as_ref()));
        assert!(setting.get_help().is_some(), "{name} is explained");
        let secret = name.contains("password") || name.contains("database_url");
        assert_eq!(setting.is_hide_env_values_set(), secret, "{name} in the help text");
    }
}
