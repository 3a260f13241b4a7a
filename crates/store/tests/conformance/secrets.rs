//! Secrets: kept in their own columns, gone with what they belong to, and told nowhere.

use access::change::SignIn;
use access::commands::{RemoveClient, RemoveProvider, SetSignIn, SignOutUser};
use access::{ClientId, Instant, ProviderId, UserId};
use sql::Database;
use store::{AuditEntry, CredentialWrite, ProviderSession, StoreError, TokenKind, TokenRow};

use crate::Case;
use crate::backends::{integer, row_counts};
use crate::tokens::{entry, found, link, refresh, secret, token};
use crate::world::{World, access_log, id, new_user, save_provider};

pub(crate) const CASES: &[Case] = &[
    ("secrets of providers and clients", secrets_of_providers_and_clients),
    ("a secret of nobody", a_secret_of_nobody),
    ("no secret is told", no_secret_is_told),
    ("credentials are told", credentials_are_told),
];

fn secrets_of_providers_and_clients(database: &Database) {
    let mut world = World::new(database);
    let (leeds, _) = world.retailer("leeds");
    let (okta, azure) = (world.provider("okta"), world.provider("azure"));
    let (erp, wms) = (world.client("erp", leeds), world.client("wms", leeds));
    let secrets = |world: &World| {
        let (store, account) = (&world.store, world.account());
        let providers = [okta, azure].map(|id| store.provider_secret(account, id).unwrap());
        (providers, [erp, wms].map(|id| store.client_secret(account, id).unwrap()))
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(secrets(&world), ([None, None], [None, None]));
    let provider = |sealed| CredentialWrite::SetProviderSecret { provider: okta, sealed };
    let client = |fingerprint: &str| CredentialWrite::SetClientSecret {
        client: erp,
        fingerprint: fingerprint.to_owned(),
    };
    let save = |world: &World, issuer| world.changeset(&world.state, save_provider("okta", issuer)).unwrap();
    let changeset = save(&world, "https://id1.shop.example");
    world.commit(&changeset, &[provider(text("sealed-1")), client("print-1")]).unwrap();
    assert_eq!(secrets(&world), ([text("sealed-1"), None], [text("print-1"), None]));
    let changeset = save(&world, "https://id2.shop.example");
    world.commit(&changeset, &[client("print-2")]).unwrap();
    assert_eq!(
        secrets(&world),
        ([text("sealed-1"), None], [text("print-2"), None]),
        "saving keeps the secret"
    );
    let changeset = save(&world, "https://id3.shop.example");
    world.commit(&changeset, &[provider(None)]).unwrap();
    assert_eq!(secrets(&world), ([None, None], [text("print-2"), None]));
    let changeset = save(&world, "https://id4.shop.example");
    world.commit(&changeset, &[provider(text("sealed-2"))]).unwrap();
    world.must(RemoveProvider { id: okta });
    world.must(RemoveClient { id: erp });
    assert_eq!(secrets(&world), ([None, None], [None, None]), "what is removed keeps no secret");
    let kept = "SELECT count(*) FROM identity_provider WHERE sealed_secret IS NOT NULL";
    assert_eq!(integer(database, kept), 0);
    world.check();
}

/// A secret for what is not there, or was removed, refuses the whole command.
fn a_secret_of_nobody(database: &Database) {
    let mut world = World::new(database);
    let (leeds, _) = world.retailer("leeds");
    let (okta, erp) = (world.provider("okta"), world.client("erp", leeds));
    world.must(RemoveProvider { id: okta });
    world.must(RemoveClient { id: erp });
    let counts = row_counts(database);
    let sealed = Some("sealed".to_owned());
    let provider = |provider| CredentialWrite::SetProviderSecret { provider, sealed: sealed.clone() };
    let client = |client| CredentialWrite::SetClientSecret { client, fingerprint: "print".to_owned() };
    for write in [provider(okta), provider(id(9)), client(erp), client(id(9))] {
        let changeset = world.changeset(&world.state, new_user("late", vec![])).unwrap();
        let refusal = world.commit(&changeset, std::slice::from_ref(&write)).unwrap_err();
        assert!(matches!(refusal, StoreError::Corrupt(_)), "{write:?}: {refusal}");
    }
    assert_eq!(row_counts(database), counts);
    world.check();
}

/// How often a text is in a table, in any column of text.
fn met(database: &Database, table: &str, columns: &[&str], text: &str) -> i64 {
    let in_column = |column: &&str| {
        integer(database, &format!("SELECT count(*) FROM {table} WHERE {column} LIKE '%{text}%'"))
    };
    columns.iter().map(in_column).sum()
}

/// Columns of text of the audit.
const ENTRY_TEXTS: &[&str] = &[
    "actor",
    "address",
    "action_name",
    "target",
    "before_facts",
    "after_facts",
    "previous_hash",
    "entry_hash",
    "chain_name",
];

/// Every secret there is, written by every way there is; none is met where changes and entries are told.
fn no_secret_is_told(database: &Database) {
    let mut world = World::new(database);
    let ann = world.user("ann@shop.example", vec![]);
    let (leeds, _) = world.retailer("leeds");
    let (okta, erp) = (world.provider("okta"), world.client("erp", leeds));
    let written = write_credentials(&mut world, (ann, okta, erp));
    let handed_out = hand_out(&world, (ann, okta));
    for (table, column, secret) in written.iter().chain(&handed_out) {
        assert_eq!(met(database, table, &[column], secret), 1, "it was not written: {table}");
    }
    // What takes them away tells them no more than what brought them.
    world.must(SetSignIn { id: ann, sign_in: SignIn::Sso(okta) });
    world.must(RemoveClient { id: erp });
    let replaced = [HASH.to_owned(), secret(10).fingerprint];
    let all = written.iter().chain(&handed_out).map(|(_, _, secret)| secret).chain(&replaced);
    for secret in all {
        assert_eq!(met(database, "change_log", &["body"], secret), 0, "{secret}");
        assert_eq!(met(database, "audit_entry", ENTRY_TEXTS, secret), 0, "{secret}");
    }
    assert_eq!(met(database, "audit_entry", ENTRY_TEXTS, "provider.secret_set"), 1, "it finds what is told");
    assert!(met(database, "change_log", &["body"], "id2.shop.example") > 0);
    world.check();
}

/// A secret and where it is.
type Kept = (&'static str, &'static str, String);

/// A hash that a stronger one takes the place of.
const HASH: &str = "$argon2id$hash-1";

/// By commands: a password, which is hashed again, a provider's secret, a client's and a link.
fn write_credentials(world: &mut World, (ann, okta, erp): (UserId, ProviderId, ClientId)) -> [Kept; 4] {
    let (hash, sealed, print) = ("$argon2id$hash-2", "sealed-2", "c3".repeat(32));
    let link = link(9, ann);
    let writes = [
        CredentialWrite::SetPassword { user: ann, hash: HASH.to_owned(), must_change: true },
        CredentialWrite::SetProviderSecret { provider: okta, sealed: Some(sealed.to_owned()) },
        CredentialWrite::SetClientSecret { client: erp, fingerprint: print.clone() },
        CredentialWrite::PutLink(link.clone()),
    ];
    let shown = format!("{writes:?}");
    assert!(
        [HASH, sealed, &print, &link.fingerprint].iter().all(|secret| !shown.contains(secret)),
        "{shown}"
    );
    let changeset = world.changeset(&world.state, save_provider("okta", "https://id2.shop.example")).unwrap();
    world.commit(&changeset, &writes).unwrap();
    world.store.rehash(world.account(), ann, HASH, hash).unwrap();
    [
        ("user_password", "password_hash", hash.to_owned()),
        ("identity_provider", "sealed_secret", sealed.to_owned()),
        ("api_client", "secret_hash", print),
        ("password_link", "fingerprint", link.fingerprint),
    ]
}

/// By sign-ins: a pair with a provider's session behind it, refreshed once.
fn hand_out(world: &World, (ann, okta): (UserId, ProviderId)) -> [Kept; 4] {
    let hint = Some("sealed-hint-5".to_owned());
    let provider = ProviderSession { provider: okta, subject: "sub-1".to_owned(), sid: None, hint };
    let pair = TokenRow { kind: TokenKind::Pair, provider: Some(provider), ..token(1, ann) };
    let (store, told) = (&world.store, [entry("sign_in.succeeded", 1)]);
    store.add_token(world.account(), &pair, &[secret(10), refresh(11)], 1, &told).unwrap();
    store.refresh_token(&found(store, 11).unwrap(), &[secret(12), refresh(13)], &told).unwrap();
    let print = |number| ("token_secret", "fingerprint", secret(number).fingerprint);
    [("user_token", "provider_hint", "sealed-hint-5".to_owned()), print(11), print(12), print(13)]
}

/// Each write to a credential is an entry of access changes, which names what it was for.
fn credentials_are_told(database: &Database) {
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    let (leeds, _) = world.retailer("leeds");
    let (okta, erp) = (world.provider("okta"), world.client("erp", leeds));
    let sealed = |sealed: Option<&str>| CredentialWrite::SetProviderSecret {
        provider: okta,
        sealed: sealed.map(str::to_owned),
    };
    let writes = [
        sealed(Some("sealed")),
        sealed(None),
        CredentialWrite::SetClientSecret { client: erp, fingerprint: "print".to_owned() },
        CredentialWrite::PutLink(link(9, ann)),
    ];
    let changeset = world.changeset(&world.state, SignOutUser { id: ann }).unwrap();
    world.commit(&changeset, &writes).unwrap();
    let told = |entry: &AuditEntry| {
        let facts: Vec<String> = entry.after.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{} {} [{}]", entry.action, entry.target, facts.join(" "))
    };
    let mut last = world.store.audit(world.account(), &access_log(None, 4, true)).unwrap();
    last.reverse();
    let expected = [
        "provider.secret_set idp_1 okta [secret=kept]",
        "provider.secret_set idp_1 okta [secret=none]",
        "client.secret_set cli_1 erp []",
        "user.link_made usr_1 ann [purpose=reset expires_at=10000]",
    ];
    assert_eq!(last.iter().map(told).collect::<Vec<_>>(), expected);
    assert!(last.iter().all(|entry| entry.before.is_empty() && entry.at == Instant(world.now)));
    world.check();
}
