//! What was found, as files: written where build output goes, replayed from where it was put for good.

use crate::reached::hash;
use crate::target::Target;
use crate::trial::{Broken, attempt};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The message stands beside the input, in a file with this at its end.
const MESSAGE: &str = "message";

/// Most of a text that is shown, in characters; the files have all of it.
const SHOWN_CHARS_MAX: usize = 300;

/// An input that breaks a promise.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The name of the target.
    pub target: &'static str,
    /// The input, as short as it could be made.
    pub input: Vec<u8>,
    /// How the promise was broken.
    pub broken: Broken,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short = |text: &str| text.chars().take(SHOWN_CHARS_MAX).collect::<String>();
        let input = String::from_utf8_lossy(&self.input);
        write!(f, "{}: {}\n    input {:?}", self.target, short(&self.broken.to_string()), short(&input))
    }
}

impl Finding {
    /// Writes the input to `<folder>/<target>/<hash>` and the message beside it; returns the path of the input.
    ///
    /// # Errors
    /// The folder or a file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<PathBuf> {
        let folder = folder.join(self.target);
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{:016x}", hash(&self.input)));
        fs::write(&path, &self.input)?;
        fs::write(path.with_extension(MESSAGE), format!("{}\n", self.broken))?;
        Ok(path)
    }
}

/// Takes every input that was ever found, in `<folder>/<target>/`, to its target. Returns how many there are,
/// and those that still break a promise.
///
/// # Errors
/// A file that cannot be read. A target without a folder has found nothing.
pub fn replayed(target: &Target, folder: &Path) -> io::Result<(usize, Vec<Finding>)> {
    let folder = folder.join(target.name);
    let (mut count, mut broken) = (0, Vec::new());
    if !folder.is_dir() {
        return Ok((count, broken));
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == MESSAGE) {
            continue;
        }
        let input = fs::read(path)?;
        count += 1;
        if let Err(how) = attempt(target, &input) {
            broken.push(Finding { target: target.name, input, broken: how });
        }
    }
    Ok((count, broken))
}

/// Where findings are written: `fuzz` in the folder of build output.
#[must_use]
pub fn target_folder() -> PathBuf {
    let top = || {
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_path_buf).unwrap_or_default()
    };
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| top().join("target"), PathBuf::from).join("fuzz")
}
