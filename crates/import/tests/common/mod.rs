//! Mappings and files as text.

#![expect(clippy::panic, clippy::expect_used, reason = "helpers of tests fail the test")]

use import::{Files, Mapping, Plan, Problems, plan};

pub(crate) fn mapping(text: &str) -> Mapping {
    Mapping::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn read(text: &str, files: &[(&str, &str)]) -> Result<Plan, Problems> {
    let files: Files =
        files.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())).collect();
    plan(&mapping(text), &files)
}

pub(crate) fn problems(text: &str, files: &[(&str, &str)]) -> String {
    read(text, files).expect_err("there should be problems").to_string()
}
