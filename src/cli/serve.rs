//! `trellis serve`: pages, API and the work in the background, until Ctrl-C or SIGTERM.

use std::process::ExitCode;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::demo;
use super::installation::{Installation, Owner, runtime, start_log};
use crate::app;
use crate::config::{ServeSettings, Settings, Signup};
use crate::http::{App, HttpSettings, serve};
use crate::worker;

/// Serves until it is told to stop, then lets requests end and stops the private server.
pub fn run(settings: ServeSettings) -> anyhow::Result<ExitCode> {
    let settings = settings.resolve()?;
    start_log(&settings.log);
    eprintln!("trellis {}", env!("CARGO_PKG_VERSION"));
    eprint!("{settings}");
    runtime(settings.workers)?.block_on(serve_until_stopped(&settings))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve_until_stopped(settings: &Settings) -> anyhow::Result<()> {
    // The port comes first: who cannot have it should learn that before anything is started.
    let listener = TcpListener::bind(settings.listen).await.with_context(|| {
        format!("cannot listen on {}; choose another address with --listen", settings.listen)
    })?;
    let installation = Installation::open(&settings.storage, Owner::Must).await?;
    let served = serve_installation(settings, listener, &installation).await;
    installation.close().await?;
    eprintln!("trellis has stopped.");
    served
}

async fn serve_installation(
    settings: &Settings,
    listener: TcpListener,
    installation: &Installation,
) -> anyhow::Result<()> {
    if settings.demo {
        let accounts = demo::seed(installation, settings).await.context("the demo data could not be made")?;
        println!("{accounts}");
    }
    let app = App::open(
        installation.db.clone(),
        installation.clock.clone(),
        installation.files.clone(),
        installation.catalogue.clone(),
        http_settings(settings),
    )
    .await?;
    let router = app::router(&app);
    let stop = CancellationToken::new();
    println!("Trellis listens on {}", settings.root_url);
    let background = installation.background();
    let house = worker::run(&background, stop.clone());
    let (served, (), ()) = tokio::join!(
        async {
            let served = serve::serve(listener, router, app, stop.clone()).await;
            stop.cancel();
            served
        },
        house,
        stop_on_signal(stop.clone()),
    );
    Ok(served?)
}

/// Cancels `stop` on Ctrl-C or SIGTERM; returns once it is cancelled, by whomever.
pub async fn stop_on_signal(stop: CancellationToken) {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => eprintln!("Stopping; requests under way may end."),
        () = terminated => {}
        () = stop.cancelled() => {}
    }
    stop.cancel();
}

fn http_settings(settings: &Settings) -> HttpSettings {
    HttpSettings {
        root_url: settings.root_url.clone(),
        root_domain: settings.root_domain.clone(),
        secure_cookies: settings.secure_cookies,
        trusted_proxies: settings.trusted_proxies.clone(),
        rate_limit: settings.rate_limit.map_or(0, std::num::NonZeroU32::get),
        file_bytes: u64::from(settings.file_size) * 1024 * 1024,
        open_sign_up: settings.signup == Signup::Open,
    }
}
