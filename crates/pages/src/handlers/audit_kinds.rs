//! The kinds of entries of the audit, in words, and by what they are about.

/// A group of kinds: its title, and of each kind what its name begins with, and words.
type Group = (&'static str, &'static [(&'static str, &'static str)]);

/// Every kind there is, once with its whole name; a name that ends with a dot stands for all that begin so.
const GROUPS: &[Group] = &[
    (
        "Users",
        &[
            ("user.", "anything about users"),
            ("user.created", "user made"),
            ("user.edited", "profile edited"),
            ("user.enabled", "user enabled"),
            ("user.disabled", "user disabled"),
            ("user.removed", "user removed"),
            ("user.signed_out", "signed out everywhere"),
            ("user.sign_in_set", "way to sign in changed"),
            ("user.addresses_set", "addresses to come from changed"),
            ("user.password_set", "password set"),
            ("user.password_removed", "password removed"),
            ("user.link_made", "link to set a password made"),
        ],
    ),
    (
        "Access",
        &[
            ("grant.", "anything about access"),
            ("grant.added", "access given"),
            ("grant.changed", "access changed"),
            ("grant.removed", "access taken"),
        ],
    ),
    (
        "Roles",
        &[
            ("role.", "anything about roles"),
            ("role.created", "role made"),
            ("role.edited", "role edited"),
            ("role.removed", "role removed"),
            ("permission.added", "permission added"),
        ],
    ),
    (
        "Places",
        &[
            ("retailer.", "anything about sites"),
            ("retailer.created", "site made"),
            ("retailer.edited", "site edited"),
            ("retailer.status", "site opened or closed"),
            ("location.", "anything about stock locations"),
            ("location.created", "stock location made"),
            ("location.edited", "stock location edited"),
            ("location.status", "stock location opened or closed"),
            ("channel.", "anything about sales channels"),
            ("channel.created", "sales channel made"),
            ("channel.edited", "sales channel edited"),
            ("channel.status", "sales channel opened or closed"),
            ("account.created", "account made"),
            ("account.edited", "account edited"),
        ],
    ),
    (
        "Sign-in ways",
        &[
            ("provider.", "anything about identity providers"),
            ("provider.created", "identity provider made"),
            ("provider.edited", "identity provider edited"),
            ("provider.removed", "identity provider removed"),
            ("provider.secret_set", "secret of an identity provider set"),
            ("client.", "anything about API clients"),
            ("client.created", "API client made"),
            ("client.removed", "API client removed"),
            ("client.secret_set", "secret of an API client set"),
        ],
    ),
    (
        "Sessions",
        &[
            ("sign_in.", "any sign-in"),
            ("sign_in.succeeded", "signed in"),
            ("sign_in.failed", "sign-in failed"),
            ("sign_in.locked", "sign-in locked for a while"),
            ("sign_in.ended_by_provider", "signed out by the identity provider"),
            ("password.change_failed", "change of a password failed"),
            ("token.", "anything about sessions and tokens"),
            ("token.made", "token made"),
            ("token.first_used", "token used for the first time"),
            ("token.refreshed", "token refreshed"),
            ("token.reused", "token used again after its end"),
            ("token.ended", "session or token ended"),
        ],
    ),
];

/// A kind in words; none for one that is not known here.
pub(crate) fn words(kind: &str) -> Option<&'static str> {
    let mut all = GROUPS.iter().flat_map(|(_, kinds)| *kinds);
    all.find(|(own, _)| *own == kind).map(|(_, words)| *words)
}

/// Titles of groups, and value and title of each choice of the field `kind`, the typed one among them.
pub(crate) fn choices(typed: &str) -> Vec<(String, Vec<(String, String)>)> {
    let choice = |(value, words): &(&str, &str)| ((*value).to_owned(), (*words).to_owned());
    let mut groups: Vec<_> = GROUPS
        .iter()
        .map(|(title, kinds)| ((*title).to_owned(), kinds.iter().map(choice).collect::<Vec<_>>()))
        .collect();
    if !typed.is_empty() && words(typed).is_none() {
        let own = (typed.to_owned(), format!("begins with {typed}"));
        groups.insert(0, ("As typed".to_owned(), vec![own]));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Texts of the form `"user.created"` in the sources below a folder.
    fn told_in(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                told_in(&path, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let kind = |text: &&str| {
                    let (first, second) = text.split_once('.')?;
                    let word =
                        |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                    let known = GROUPS
                        .iter()
                        .flat_map(|(_, all)| *all)
                        .any(|(own, _)| own.starts_with(&format!("{first}.")));
                    (word(first) && word(second) && known).then(|| (*text).to_owned())
                };
                found.extend(text.split('"').filter_map(|part| kind(&part)));
            }
        }
    }

    #[test]
    fn every_kind_that_is_told_has_words() {
        let mut told = BTreeSet::new();
        for part in ["access", "store", "service", "authn"] {
            told_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(part).join("src"), &mut told);
        }
        assert!(told.len() > 40, "{told:?}");
        let without: Vec<_> = told.iter().filter(|kind| words(kind).is_none()).collect();
        assert!(without.is_empty(), "{without:?}");
        let whole = GROUPS.iter().flat_map(|(_, all)| *all).filter(|(own, _)| !own.ends_with('.'));
        for (own, _) in whole {
            assert!(told.contains(*own), "{own} is told by nobody");
        }
    }

    #[test]
    fn what_is_typed_is_among_the_choices() {
        let all = choices("user.cr");
        assert_eq!(all[0].1[0].0, "user.cr");
        assert_eq!(choices("role.edited").len(), choices("").len());
    }
}
