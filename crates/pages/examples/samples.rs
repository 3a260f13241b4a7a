//! Writes every sample page with its files into a folder, to be opened in a browser:
//! `cargo run -p pages --example samples -- FOLDER` (a second word, `hostile`, fills them with hostile text).
//! The links to the files become relative, because there is no server.

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::error::Error;
use std::fs;
use std::path::Path;

use samples::Words;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("say into which folder: samples FOLDER [hostile]")?;
    let words = match arguments.next().as_deref() {
        None => Words::Plain,
        Some("hostile") => Words::Hostile,
        Some(other) => return Err(format!("`{other}` is not `hostile`").into()),
    };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets"))?;
    for path in [pages::assets::stylesheet(), pages::assets::icon()] {
        let asset = pages::assets::asset(path).ok_or("an asset is missing under its own name")?;
        fs::write(folder.join(path.trim_start_matches('/')), asset.bytes)?;
    }
    for (name, html) in samples::all(words)? {
        fs::write(folder.join(format!("{name}.html")), html.replace("\"/assets/", "\"assets/"))?;
    }
    Ok(())
}
