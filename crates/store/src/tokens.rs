//! Sessions, tokens and links: what is handed out once somebody signed in, kept by its fingerprint alone.
//!
//! Making one does not move the head of the account; ending one does (`Change::TokenEnded`), and so does whatever
//! advances the epoch of its user. A row whose epoch is no longer that of its user opens nothing, and goes with the
//! way out that advanced it, or when it is swept.
//!
//! Whoever writes both a token and its secrets writes the token first, and the audit last: of two who meet, one waits
//! for the other, and never each for the other.

use crate::audit::{self, SignInEntry};
use crate::error::StoreError;
use crate::store::Store;
use crate::tables::{entrances, links, passwords, token_secrets, tokens};
use access::{
    AccountId, Application, ClientId, Instant, LocationId, ProviderId, RetailerId, TokenId, UserId,
};

/// What a session or token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A browser's, for pages.
    Session,
    /// A pair of access and refresh token.
    Pair,
    /// An access token without a refresh token.
    Access,
    /// Made by its owner, to be kept.
    LongDuration,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [TokenKind; 4] =
        [TokenKind::Session, TokenKind::Pair, TokenKind::Access, TokenKind::LongDuration];

    /// The word in a column and for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            TokenKind::Session => "session",
            TokenKind::Pair => "pair",
            TokenKind::Access => "access",
            TokenKind::LongDuration => "long_duration",
        }
    }
}

/// Who of a provider's users a session stands for: what a back-channel logout names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderSession {
    /// The provider.
    pub provider: ProviderId,
    /// Its subject.
    pub subject: String,
    /// Its session, when it names one.
    pub sid: Option<String>,
    /// The id token, sealed: a hint for its logout. None when it is too long.
    pub hint: Option<String>,
}

/// A session or token, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub user: UserId,
    /// What it is.
    pub kind: TokenKind,
    /// The application that it opens.
    pub application: Application,
    /// The epoch that its user had before the credential behind it was verified.
    pub epoch: u32,
    /// What its owner calls it; empty but for long-duration tokens.
    pub label: String,
    /// The API client that asked for it.
    pub client: Option<ClientId>,
    /// The provider's session behind it.
    pub provider: Option<ProviderSession>,
    /// The site it is in.
    pub retailer: Option<RetailerId>,
    /// The store it is in.
    pub location: Option<LocationId>,
    /// Whether nothing may be done with it but to set a new password.
    pub must_change: bool,
    /// Since when it is there.
    pub made_at: Instant,
    /// When it ends by itself; [`Instant`]'s last for never.
    pub expires_at: Instant,
    /// When it was last used, give or take a minute; none before the first use.
    pub seen_at: Option<Instant>,
    /// The network address that it was made from.
    pub address: String,
    /// What the program that it was made for says of itself.
    pub agent: String,
}

/// A secret that opens a token, by its fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRow {
    /// SHA-256 of its text, 64 hexadecimal digits.
    pub fingerprint: String,
    /// Whether it opens nothing but the next pair.
    pub is_refresh: bool,
    /// When it ends by itself.
    pub expires_at: Instant,
}

/// A token found by one of its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundToken {
    /// The account that it belongs to.
    pub account: AccountId,
    /// The token.
    pub token: TokenRow,
    /// The secret.
    pub secret: SecretRow,
    /// Whether the secret was a refresh token that has been used.
    pub spent: bool,
}

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// The first password of a new user.
    Invitation,
    /// A new password.
    Reset,
}

/// A link that lets a user set a password, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// SHA-256 of its secret, 64 hexadecimal digits.
    pub fingerprint: String,
    /// Whose.
    pub user: UserId,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// The epoch of its user when it was made: setting a password advances it, which makes the link one for one use.
    pub epoch: u32,
    /// When it ends by itself.
    pub expires_at: Instant,
}

/// How long a link stays known after it is over, in seconds: 30 days.
pub const LINKS_KEPT_S: i64 = 30 * 86_400;

/// Whether a token was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// It was.
    Yes,
    /// The user has as many of this kind as they may.
    TooMany,
}

/// Whether a refresh token was exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// It was, and opens nothing any more.
    Yes,
    /// It was used before: somebody has it who should not.
    Reused,
}

impl Store {
    /// Keeps a new token with its secrets, unless the user has `most` living ones of that kind, and tells the audit
    /// of sign-ins.
    ///
    /// # Errors
    /// Those of the database.
    pub fn add_token(
        &self,
        account: AccountId,
        token: &TokenRow,
        secrets: &[SecretRow],
        most: usize,
        told: &[SignInEntry],
    ) -> Result<Made, StoreError> {
        self.database().write(|tx| {
            let living = tokens::living(tx, account, token.user, (token.kind, token.epoch, token.made_at))?;
            if living >= most {
                return Ok(Made::TooMany);
            }
            tokens::insert(tx, account, token)?;
            for secret in secrets {
                token_secrets::insert(tx, account, token, secret)?;
            }
            audit::append_sign_ins(tx, account, self.node(), told)?;
            Ok(Made::Yes)
        })
    }

    /// The token that a secret opens, of whatever account. Whether it may be used is not judged here.
    ///
    /// # Errors
    /// Those of the database.
    pub fn find_token(&self, fingerprint: &str) -> Result<Option<FoundToken>, StoreError> {
        self.database().read(|tx| {
            let Some((account, id, secret, spent)) = token_secrets::find(tx, fingerprint)? else {
                return Ok(None);
            };
            let token = tokens::find(tx, account, id)?;
            Ok(token.map(|token| FoundToken { account, token, secret, spent }))
        })
    }

    /// Exchanges a refresh token for the next secrets of its pair, once.
    ///
    /// # Errors
    /// Those of the database.
    pub fn refresh_token(
        &self,
        found: &FoundToken,
        next: &[SecretRow],
        told: &[SignInEntry],
    ) -> Result<Refreshed, StoreError> {
        self.database().write(|tx| {
            if !token_secrets::may_be_spent(tx, &found.secret.fingerprint)? {
                return Ok(Refreshed::Reused);
            }
            let ends = next.iter().map(|secret| secret.expires_at).max().unwrap_or(found.token.expires_at);
            tokens::prolong(tx, found.account, found.token.id, ends)?;
            token_secrets::spend(tx, &found.secret.fingerprint)?;
            token_secrets::delete_access(tx, found.account, &found.token)?;
            for secret in next {
                token_secrets::insert(tx, found.account, &found.token, secret)?;
            }
            audit::append_sign_ins(tx, found.account, self.node(), told)?;
            Ok(Refreshed::Yes)
        })
    }

    /// The tokens of a user, newest first, those that ended by themselves among them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn tokens_of(&self, account: AccountId, user: UserId) -> Result<Vec<TokenRow>, StoreError> {
        self.database().read(|tx| tokens::of_user(tx, account, user))
    }

    /// The tokens behind which a provider's subject or session stands: what a back-channel logout ends. When both are
    /// named, those of the subject that are of that session or do not say of which; none when neither is.
    ///
    /// # Errors
    /// Those of the database.
    pub fn tokens_of_provider(
        &self,
        account: AccountId,
        provider: ProviderId,
        subject: Option<&str>,
        sid: Option<&str>,
    ) -> Result<Vec<TokenRow>, StoreError> {
        self.database().read(|tx| tokens::of_provider(tx, account, provider, subject, sid))
    }

    /// Notes when tokens were last used; an earlier use than the one noted changes nothing. [`Store::first_seen`] is for
    /// tokens whose first use is told in the audit.
    ///
    /// # Errors
    /// Those of the database.
    pub fn seen(&self, account: AccountId, tokens: &[(TokenId, Instant)]) -> Result<(), StoreError> {
        // In one order, so that two nodes do not wait for each other.
        let mut tokens = tokens.to_vec();
        tokens.sort_unstable();
        self.database().write(|tx| tokens.iter().try_for_each(|(id, at)| tokens::seen(tx, account, *id, *at)))
    }

    /// Notes the first use of a token; false when it was noted before.
    ///
    /// # Errors
    /// Those of the database.
    pub fn first_seen(
        &self,
        account: AccountId,
        token: TokenId,
        at: Instant,
        told: &SignInEntry,
    ) -> Result<bool, StoreError> {
        self.database().write(|tx| {
            let first = tokens::first_seen(tx, account, token, at)?;
            if first {
                audit::append_sign_ins(tx, account, self.node(), std::slice::from_ref(told))?;
            }
            Ok(first)
        })
    }

    /// Puts a session into a site and perhaps a store of it; false when it is gone.
    ///
    /// # Errors
    /// Those of the database.
    pub fn move_token(
        &self,
        account: AccountId,
        token: TokenId,
        retailer: Option<RetailerId>,
        location: Option<LocationId>,
    ) -> Result<bool, StoreError> {
        self.database().write(|tx| tokens::move_to(tx, account, token, retailer, location))
    }

    /// The link of a secret, of whatever account, unless it was used, replaced or taken back.
    ///
    /// # Errors
    /// Those of the database.
    pub fn find_link(&self, fingerprint: &str) -> Result<Option<(AccountId, LinkRow)>, StoreError> {
        self.database().read(|tx| links::find(tx, fingerprint))
    }

    /// Whose a link is or was, also one that is over; none once its refusal was told.
    ///
    /// # Errors
    /// Those of the database.
    pub fn owner_of_link(&self, fingerprint: &str) -> Result<Option<(AccountId, UserId)>, StoreError> {
        self.database().read(|tx| links::owner(tx, fingerprint))
    }

    /// Tells the audit of sign-ins that a link was refused, once for each link: whoever has one that is over cannot
    /// fill the audit by it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn tell_refused_link(
        &self,
        account: AccountId,
        fingerprint: &str,
        told: &SignInEntry,
    ) -> Result<(), StoreError> {
        self.database().write(|tx| {
            if links::tell_refusal(tx, fingerprint)? {
                audit::append_sign_ins(tx, account, self.node(), std::slice::from_ref(told))?;
            }
            Ok(())
        })
    }

    /// Puts a stronger hash of the same password in the place of `old`; nothing when the password is another by now.
    ///
    /// # Errors
    /// Those of the database.
    pub fn rehash(&self, account: AccountId, user: UserId, old: &str, new: &str) -> Result<(), StoreError> {
        self.database().write(|tx| passwords::rehash(tx, account, user, old, new))
    }

    /// The sealed secret that an identity provider knows us by; none for a public client.
    ///
    /// # Errors
    /// Those of the database.
    pub fn provider_secret(
        &self,
        account: AccountId,
        provider: ProviderId,
    ) -> Result<Option<String>, StoreError> {
        self.database().read(|tx| entrances::provider_secret(tx, account, provider))
    }

    /// The fingerprint of an API client's secret.
    ///
    /// # Errors
    /// Those of the database.
    pub fn client_secret(&self, account: AccountId, client: ClientId) -> Result<Option<String>, StoreError> {
        self.database().read(|tx| entrances::client_secret(tx, account, client))
    }

    /// Writes entries to the audit of sign-ins.
    ///
    /// # Errors
    /// Those of the database.
    pub fn tell_sign_ins(&self, account: AccountId, told: &[SignInEntry]) -> Result<(), StoreError> {
        self.database().write(|tx| audit::append_sign_ins(tx, account, self.node(), told))
    }

    /// Deletes tokens and secrets whose time was over at `before`, and links [`LINKS_KEPT_S`] later, 1,000 of each at
    /// most; how many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn sweep_tokens(&self, before: Instant) -> Result<u64, StoreError> {
        self.database().write(|tx| {
            let swept = tokens::sweep(tx, before)? + token_secrets::sweep(tx, before)?;
            Ok(swept + links::sweep(tx, Instant(before.0.saturating_sub(LINKS_KEPT_S * 1_000_000)))?)
        })
    }
}
