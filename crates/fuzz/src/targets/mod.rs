//! The table of targets, by the crate whose parsers they are.

mod access;
mod addresses;
mod authn;
mod naive;
mod oidc;
mod pages;
mod provider;
mod requests;

use crate::target::Target;

/// Every target.
pub fn all() -> impl Iterator<Item = &'static Target> {
    [
        authn::TARGETS,
        addresses::TARGETS,
        access::TARGETS,
        pages::TARGETS,
        requests::TARGETS,
        oidc::TARGETS,
        provider::TARGETS,
    ]
    .into_iter()
    .flatten()
}

/// The target of that name.
///
/// # Errors
/// The sentence names those that exist.
pub fn by_name(name: &str) -> Result<&'static Target, String> {
    let names = || all().map(|target| target.name).collect::<Vec<_>>().join(", ");
    all()
        .find(|target| target.name == name)
        .ok_or_else(|| format!("no target `{name}`: they are {}", names()))
}
