//! The rules of the house that a compiler does not check.
//!
//! Each rule is a function from what the repository holds to a list of complaints, so it is tried
//! twice: on the repository, where it must find nothing, and on made-up text, where it must find
//! what we put there. To change a rule, edit the table at the top of its file.

#![expect(clippy::expect_used, reason = "the helpers of a test stop it when the repository cannot be read")]

mod arrows;
mod files;
mod map;
mod repo;
mod words;

/// Fails with all complaints at once.
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{} complaints:\n  {}", complaints.len(), complaints.join("\n  "));
}
