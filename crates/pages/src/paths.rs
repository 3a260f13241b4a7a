//! The addresses of the pages below a door's prefix, and the names of the fields that their forms send.
//!
//! [`crate::Door::to`] puts the prefix in front. All changes are `POST`.

/// The first page of an application.
pub const HOME: &str = "/";
/// Where an identity provider sends people back to: one address for both doors, to be registered there.
pub const SSO_CALLBACK: &str = service::SSO_CALLBACK_PATH;
/// Sign in: shown by `GET`; `POST` sends `login`, `password`, `account` where it is asked, and `next`.
pub const SIGN_IN: &str = "/sign-in";
/// `POST` with `provider`, `account` where it is asked, and `next`: on to the identity provider.
pub const SINGLE_SIGN_ON: &str = "/sign-in/sso";
/// `POST`: ends this session.
pub const SIGN_OUT: &str = "/sign-out";
/// Shown after signing out.
pub const SIGNED_OUT: &str = "/signed-out";
/// One's own change of the password: `POST` sends `current`, `new` and `again`.
pub const PASSWORD: &str = "/password";
/// The change at first sign-in: `POST` sends `new` and `again`.
pub const PASSWORD_FIRST: &str = "/password/first";
/// An invitation or reset link, with its secret as `code` in the query; `POST` sends `code`, `new`, `again`.
pub const LINK: &str = service::LINK_PATH;
/// My information.
pub const ME: &str = "/me";
/// `POST` with `name`, `email`, `language` and `time_zone`.
pub const ME_PROFILE: &str = "/me/profile";
/// `POST` with `retailer` and `location`: the active site and store of this session.
pub const ME_PLACE: &str = "/me/place";
/// `POST` with `session`: ends one session.
pub const ME_SESSION_END: &str = "/me/sessions/end";
/// Asks by `GET`, does by `POST`: ends everything.
pub const ME_SIGN_OUT_EVERYWHERE: &str = "/me/sign-out-everywhere";
/// `POST` with `label` and `expires` (`YYYY-MM-DD` or empty): makes a long-duration token.
pub const ME_TOKENS: &str = "/me/tokens";
/// Asks by `GET` with `token` (its id) in the query, does by `POST` with the same.
pub const ME_TOKEN_REVOKE: &str = "/me/tokens/revoke";

/// What somebody may mean who types, as JSON: `GET` with `of` (`role`, `site`, `location`, `channel`, `user`,
/// `permission` or `time_zone`), `q`, `site` and `application`.
pub const SUGGEST: &str = "/suggest";

/// The users that one sees, in the Store App those of the active store: `GET` with `q`, `site`, `location`, `channel`,
/// `role`, `application`, `status`, `sign_in`, `kind`, `sort`, `rows` and `page`.
pub const USERS: &str = "/users";
/// The same as CSV.
pub const USERS_EXPORT: &str = "/users.csv";
/// A new user: `POST` with `login`, `name`, `email`, `kind`, `way`, `like` and the fields of a grant; in the Store App
/// with `login`, `name`, `email`, `role` and `way`.
pub const USER_NEW: &str = "/new-user";
/// `POST` with `u` for each user, `act`, `role`, `site` and `back`: asks first, and does with `sure`; with `again`, or where
/// something is wrong, it is the list of `back` with the form as it was sent.
pub const USERS_BULK: &str = "/users-bulk";
/// A new role, mostly a copy: `GET` with `from`, `POST` with `from`, `key`, `label` and `bound_to`.
pub const ROLE_NEW: &str = "/new-role";
/// One user, by id or login: `GET` with `tab`.
pub const USER: &str = "/users/{user}";
/// The editor of a custom role: `POST` with `version`, `label`, `p` for each permission and `level_MODULE` for each module
/// asks first, and does with `sure`; with `again` it is the form once more. So are the other forms that ask first.
pub const ACT_EDIT: &str = "edit";
/// `POST` with `version`, `name`, `email`, `language` and `time_zone`.
pub const ACT_PROFILE: &str = "profile";
/// Asks by `GET`, does by `POST`.
pub const ACT_DISABLE: &str = "disable";
/// Asks by `GET`, does by `POST`.
pub const ACT_ENABLE: &str = "enable";
/// Asks by `GET`, does by `POST`.
pub const ACT_REMOVE: &str = "remove";
/// Asks by `GET`, does by `POST`.
pub const ACT_SIGN_OUT: &str = "sign-out";
/// Asks by `GET`, does by `POST` with `by`: `link` or `generated`.
pub const ACT_RESET: &str = "reset-password";
/// The form by `GET`; `POST` with `version` and the fields of the grant asks first, and does with `sure`.
pub const ACT_GRANT_ADD: &str = "give";
/// Asks by `GET` with `grant`, does by `POST` with `version` and `grant`.
pub const ACT_GRANT_REMOVE: &str = "take";
/// The form for another scope or validity: `GET` with `grant`, `POST` asks first, and does with `sure`.
pub const ACT_GRANT_CHANGE: &str = "change";
/// Access at a place: `GET` with `site` (`*` for all), `POST` with the role of each application, whether it holds at all
/// places or some, and at which: asks first, and does with `sure`.
pub const ACT_ACCESS: &str = "access";
/// `POST` with `token`.
pub const ACT_TOKEN_END: &str = "end-token";
/// The roles, as a table of levels: `GET` with `q`.
pub const ROLES: &str = "/roles";
/// One role, by its key: `GET` with `q`.
pub const ROLE: &str = "/roles/{role}";
/// Why somebody may do something or may not: `GET` with `user`, `permission`, `entity`, `site`, `location`, `channel`
/// and `application`.
pub const EXPLAIN: &str = "/explain";
/// Who changed what: `GET` with `chain`, `who`, `what`, `of` (ids with commas), `kind`, `from`,
/// `until` (`YYYY-MM-DD`) and `before`.
pub const AUDIT: &str = "/audit";
/// The same as CSV.
pub const AUDIT_EXPORT: &str = "/audit.csv";

/// The name of the hidden field with the form token.
pub const CSRF: &str = "csrf";

/// The address of one role.
#[must_use]
pub fn role(key: &str) -> String {
    below(ROLES, key)
}

/// The address of what is done with a role.
#[must_use]
pub fn role_act(key: &str, act: &str) -> String {
    format!("{}/{act}", role(key))
}

/// The address of one user.
#[must_use]
pub fn user(id: &str) -> String {
    below(USERS, id)
}

/// The address of what is done with a user.
#[must_use]
pub fn user_act(id: &str, act: &str) -> String {
    format!("{}/{act}", user(id))
}

/// What an address may have as it is (RFC 3986, 2.3), besides letters and digits.
const PLAIN: percent_encoding::AsciiSet =
    percent_encoding::NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.').remove(b'~');

fn below(path: &str, name: &str) -> String {
    format!("{path}/{}", percent_encoding::utf8_percent_encode(name, &PLAIN))
}

/// An address with a query, escaped.
#[must_use]
pub fn with_query(path: &str, fields: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_escaped() {
        assert_eq!(with_query(ME, &[]), "/me");
        assert_eq!(with_query(LINK, &[("code", "a&b=\"c d")]), "/link?code=a%26b%3D%22c+d");
    }
}
