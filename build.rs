//! Makes sure that `ui/dist` exists for embedding; builds the front end only when `TRELLIS_BUILD_UI=1` asks for it.

use std::error::Error;
use std::path::Path;
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=ui/dist");
    // A file that is new in templates/ must get into the binary.
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-env-changed=TRELLIS_BUILD_UI");
    let ui = Path::new("ui");
    if std::env::var_os("TRELLIS_BUILD_UI").is_some_and(|value| value == "1") {
        npm(ui, &["ci", "--ignore-scripts"])?;
        npm(ui, &["run", "build"])?;
    }
    let dist = ui.join("dist");
    std::fs::create_dir_all(&dist).map_err(|error| format!("creating {}: {error}", dist.display()))?;
    if !dist.join("manifest.json").exists() {
        println!(
            "cargo:warning=ui/dist is empty: pages will be plain HTML (cd ui && npm ci --ignore-scripts && npm run build)"
        );
    }
    Ok(())
}

/// Runs npm in `folder`; a build that was asked for and failed must not pass for a plain one.
fn npm(folder: &Path, args: &[&str]) -> Result<(), Box<dyn Error>> {
    let status = Command::new("npm").args(args).current_dir(folder).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("npm {} in {}: {status}", args.join(" "), folder.display()).into())
    }
}
