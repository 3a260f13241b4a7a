//! From arguments to a request, to whoever performs it, and to what is shown.

use crate::args::{
    AccountCommand, Args, AuditCommand, ChannelCommand, ClientCommand, Command, GrantCommand, ImportArgs,
    InitArgs, LocationCommand, OnArgs, PermissionCommand, ProviderArgs, ProviderCommand, RetailerCommand,
    RoleCommand, ScopeArgs, ServeArgs, UserCommand, ValidityArgs,
};
use crate::{passwords, serve, show};
use indicatif::{ProgressBar, ProgressStyle};
use server::{Client, ClientError, DirLock, DirLockError};
use service::ops::{
    AccessOp, AccountOp, AuditOp, ChannelOp, ClientOp, GrantNames, GrantOp, ImportFile, ImportOp, InitOp,
    LocationOp, Op, PermissionOp, PlaceNames, ProviderOp, Reply, Request, RetailerOp, RoleOp, ScopeNames,
    UserOp,
};
use service::{Service, ServiceError, SignInOptions, Target, key_of};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Does what the arguments say; the exit status.
pub(crate) fn run(args: Args) -> Result<u8, String> {
    let Args { data, database_url, account, json, command } = args;
    let key_file = match &command {
        Command::Provider(ProviderCommand::Save(save)) => save.key_file.clone(),
        _ => None,
    };
    let place = Place { data, database_url, key_file };
    let op = match command {
        Command::Serve(serve) => return self::serve(place, &serve),
        Command::Init(init) => Op::Init(init_op(&init)?),
        Command::Import(import) => Op::Import(import_op(&import)?),
        Command::Check(c) => {
            let (on, application) = names(c.on);
            Op::Access(AccessOp::Check {
                user: c.user,
                permission: c.permission,
                on,
                application,
                explain: c.explain,
            })
        }
        Command::WhoCan(c) => {
            let (on, application) = names(c.on);
            let (after, limit) = (c.after, c.limit);
            Op::Access(AccessOp::WhoCan { permission: c.permission, on, application, after, limit })
        }
        Command::WhatCan(c) => Op::Access(AccessOp::WhatCan { user: c.user }),
        Command::User(c) => Op::User(user_op(c)?),
        Command::Provider(c) => Op::Provider(provider_op(c)?),
        Command::Client(c) => Op::Client(client_op(c)),
        Command::Grant(c) => Op::Grant(grant_op(c)),
        Command::Role(c) => Op::Role(role_op(c)),
        Command::Permission(PermissionCommand::Add { name }) => Op::Permission(PermissionOp::Add { name }),
        Command::Permission(PermissionCommand::List) => Op::Permission(PermissionOp::List),
        Command::Retailer(c) => Op::Retailer(retailer_op(c)),
        Command::Location(c) => Op::Location(location_op(c)),
        Command::Channel(c) => Op::Channel(channel_op(c)),
        Command::Account(AccountCommand::Edit { name }) => Op::Account(AccountOp::Edit { name }),
        Command::Account(AccountCommand::List) => Op::Account(AccountOp::List),
        Command::Audit(c) => Op::Audit(audit_op(c)),
        Command::Export => Op::Export,
    };
    let reply = place.perform(&Request { account, op })?;
    show::reply(&reply, json);
    Ok(reply.exit)
}

/// An error in full: whoever runs the program on its data may see the inside.
#[expect(clippy::needless_pass_by_value, reason = "it is called by map_err, which hands the error over")]
fn told(error: ServiceError) -> String {
    match &error {
        ServiceError::Internal(inside) => format!("an internal error: {inside}"),
        other => other.to_string(),
    }
}

/// How often, and with what pauses, a directory that is owned without a socket is looked at again: 5 s.
const OWNER_TRIES_MAX: u32 = 50;
const OWNER_PAUSE: Duration = Duration::from_millis(100);

/// The data directory, unless another one is named.
const DATA: &str = "keyward-data";

/// Where the state is.
struct Place {
    data: Option<PathBuf>,
    database_url: Option<String>,
    /// The key that secrets are sealed with, where that is not the data directory's own.
    key_file: Option<PathBuf>,
}

impl Place {
    fn folder(&self) -> &Path {
        self.data.as_deref().unwrap_or(Path::new(DATA))
    }

    /// Performs a request: on PostgreSQL here; on a data directory here when nobody owns it, else by the
    /// server that does.
    fn perform(&self, request: &Request) -> Result<Reply, String> {
        let bar = Bar::new();
        let mut progress = |what: &str, done: u64, of: u64| bar.show(what, done, of);
        let here = |target: &Target, progress: service::ops::Progress<'_>| {
            let sign_in = SignInOptions { key: self.key()?, ..SignInOptions::default() };
            let service = Service::open_target_with(target, sign_in).map_err(told)?;
            service.perform(request, progress).map_err(told)
        };
        let reply = match &self.database_url {
            Some(url) => here(&Target::Postgres(url.clone()), &mut progress),
            None => {
                // A server may be there without the file: on PostgreSQL, or when somebody took it away.
                let is_there = self.has(Target::FILE) || self.has(server::SOCKET);
                if !matches!(request.op, Op::Init(_)) && !is_there {
                    return Err(self.no_data());
                }
                self.by_owner(request, &here, &mut progress)
            }
        };
        bar.done();
        reply
    }

    /// Owns the directory, or asks the server that does. An owner who offers no socket is about to begin or
    /// to end: for a while that is waited for.
    fn by_owner(
        &self,
        request: &Request,
        here: &dyn Fn(&Target, service::ops::Progress<'_>) -> Result<Reply, String>,
        progress: service::ops::Progress<'_>,
    ) -> Result<Reply, String> {
        for _ in 0..OWNER_TRIES_MAX {
            match DirLock::take(self.folder()) {
                Ok(_lock) => {
                    // What looked like a server's may have been left behind by one.
                    if !matches!(request.op, Op::Init(_)) && !self.has(Target::FILE) {
                        return Err(self.no_data());
                    }
                    return here(&Target::Directory(self.folder().to_owned()), progress);
                }
                Err(DirLockError::Held { .. }) => {}
                Err(error) => return Err(error.to_string()),
            }
            match Client::connect(self.folder()) {
                Ok(mut server) => return server.call(request, progress).map_err(|e| e.to_string()),
                Err(ClientError::NoServer) => std::thread::sleep(OWNER_PAUSE),
                Err(error) => return Err(error.to_string()),
            }
        }
        let dir = self.folder().display();
        Err(format!("another process owns {dir} and offers no socket: wait until it has ended"))
    }

    /// The named key. Only a server makes one: what a mistyped name seals nobody could open.
    fn key(&self) -> Result<Option<[u8; 32]>, String> {
        match &self.key_file {
            Some(file) if !file.exists() => {
                let file = file.display();
                Err(format!(
                    "there is no key file {file}: start the server with `--key-file {file}`, which makes it"
                ))
            }
            Some(file) => key_of(file).map(Some).map_err(told),
            None => Ok(None),
        }
    }

    fn has(&self, file: &str) -> bool {
        self.folder().join(file).exists()
    }

    fn no_data(&self) -> String {
        let dir = self.folder().display();
        format!(
            "there is no data in {dir}: make an account with `keyward init --data {dir} --account NAME --admin-login LOGIN`, or name another directory with --data"
        )
    }
}

fn serve(place: Place, args: &ServeArgs) -> Result<u8, String> {
    let Place { data, database_url, .. } = place;
    let own = if args.demo { "keyward-demo" } else { DATA };
    let (target, socket_folder) = match database_url {
        Some(url) => (Target::Postgres(url), data),
        None => (Target::Directory(data.unwrap_or_else(|| own.into())), None),
    };
    serve::serve(target, socket_folder, args)
}

fn init_op(args: &InitArgs) -> Result<InitOp, String> {
    let how = passwords::Ask { stdin: args.admin_password_stdin, generate: args.generate_password };
    let password = passwords::ask(&how, &args.admin_login)?;
    Ok(InitOp { name: args.name.clone(), admin_login: args.admin_login.clone(), password })
}

fn import_op(args: &ImportArgs) -> Result<ImportOp, String> {
    let read = |path: &Path| std::fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()));
    let text = String::from_utf8(read(&args.mapping)?)
        .map_err(|_| format!("{} is not UTF-8 text", args.mapping.display()))?;
    let mapping = import::Mapping::parse(&text).map_err(|e| format!("{}: {e}", args.mapping.display()))?;
    let mut files = Vec::new();
    for name in mapping.files() {
        files.push(ImportFile::new(name, &read(&args.folder.join(name))?));
    }
    Ok(ImportOp { mapping: text, files, dry_run: args.dry_run })
}

fn names(on: OnArgs) -> (PlaceNames, Option<String>) {
    let OnArgs { entity, id, retailer, location, channel, application } = on;
    (PlaceNames { entity, id, retailer, location, channel }, application)
}

fn scope_names(scope: ScopeArgs) -> ScopeNames {
    let ScopeArgs { everywhere, retailers, locations, narrow, channels } = scope;
    ScopeNames { everywhere, retailers, locations, narrow, channels }
}

fn grant_names(role: String, scope: &ScopeNames, validity: &ValidityArgs) -> GrantNames {
    GrantNames {
        role,
        scope: scope.clone(),
        valid_from: validity.valid_from.clone(),
        valid_until: validity.valid_until.clone(),
    }
}

fn user_op(command: UserCommand) -> Result<UserOp, String> {
    Ok(match command {
        UserCommand::Create {
            login,
            name,
            email,
            language,
            time_zone,
            system,
            application,
            sso,
            roles,
            scope,
            validity,
            password_stdin,
        } => {
            let scope = scope_names(scope);
            if roles.is_empty() && scope != ScopeNames::default() {
                return Err("places without a role: name one with --role".into());
            }
            let grants = roles.into_iter().map(|role| grant_names(role, &scope, &validity)).collect();
            let password = password_stdin.then(|| passwords::from_stdin("password")).transpose()?;
            UserOp::Create {
                login,
                name,
                email,
                language,
                time_zone,
                system,
                application,
                sso,
                grants,
                password,
            }
        }
        UserCommand::Edit { user, name, email, language, time_zone } => {
            UserOp::Edit { user, name, email, language, time_zone }
        }
        UserCommand::Disable { user } => UserOp::Disable { user },
        UserCommand::Enable { user } => UserOp::Enable { user },
        UserCommand::Remove { user } => UserOp::Remove { user },
        UserCommand::SignOut { user } => UserOp::SignOut { user },
        UserCommand::Password { user, stdin, generate } => {
            let password = passwords::ask(&passwords::Ask { stdin, generate }, &user)?;
            UserOp::Password { user, password }
        }
        UserCommand::Link { user } => UserOp::Link { user },
        UserCommand::SignIn { user, sso, .. } => UserOp::SignIn { user, sso },
        UserCommand::Addresses { user, ranges, .. } => UserOp::Addresses { user, ranges },
        UserCommand::Tokens { user } => UserOp::Tokens { user },
        UserCommand::EndToken { user, token } => UserOp::EndToken { user, token },
        UserCommand::List { search, after, limit } => UserOp::List { search, after, limit },
        UserCommand::Show { user } => UserOp::Show { user },
    })
}

fn provider_op(command: ProviderCommand) -> Result<ProviderOp, String> {
    Ok(match command {
        ProviderCommand::Save(args) => {
            let ProviderArgs { key, name, issuer, client_id, scopes, claim, algorithms, .. } = args;
            let client_secret = match (args.client_secret_stdin, args.no_client_secret) {
                (true, _) => Some(passwords::from_stdin("client secret")?),
                // An empty one takes what is kept.
                (false, forget) => forget.then(String::new),
            };
            ProviderOp::Save { r#ref: key, name, issuer, client_id, client_secret, scopes, claim, algorithms }
        }
        ProviderCommand::Remove { provider } => ProviderOp::Remove { provider },
        ProviderCommand::List => ProviderOp::List,
    })
}

fn client_op(command: ClientCommand) -> ClientOp {
    match command {
        ClientCommand::Create { key, retailer, name } => ClientOp::Create { r#ref: key, name, retailer },
        ClientCommand::Remove { client } => ClientOp::Remove { client },
        ClientCommand::List => ClientOp::List,
    }
}

fn grant_op(command: GrantCommand) -> GrantOp {
    match command {
        GrantCommand::Add { role, users, scope, validity } => {
            GrantOp::Add { users, grant: grant_names(role, &scope_names(scope), &validity) }
        }
        GrantCommand::Change { user, grant, scope, validity, always } => {
            let scope = Some(scope_names(scope)).filter(|s| *s != ScopeNames::default());
            let ValidityArgs { valid_from, valid_until } = validity;
            GrantOp::Change { user, grant, scope, valid_from, valid_until, always }
        }
        GrantCommand::Remove { user, grants } => GrantOp::Remove { user, grants },
        GrantCommand::List { user } => GrantOp::List { user },
    }
}

fn role_op(command: RoleCommand) -> RoleOp {
    match command {
        RoleCommand::Create { key, label, application, permissions } => {
            RoleOp::Create { key, label, application, permissions }
        }
        RoleCommand::Copy { from, key, label } => RoleOp::Copy { from, key, label },
        RoleCommand::Edit { role, label, add, take } => RoleOp::Edit { role, label, add, take },
        RoleCommand::Remove { role } => RoleOp::Remove { role },
        RoleCommand::List => RoleOp::List,
        RoleCommand::Show { role } => RoleOp::Show { role },
    }
}

fn retailer_op(command: RetailerCommand) -> RetailerOp {
    match command {
        RetailerCommand::Create { key, name, default_channel } => {
            RetailerOp::Create { key, name, default_channel }
        }
        RetailerCommand::Edit { retailer, name, default_channel } => {
            RetailerOp::Edit { retailer, name, default_channel }
        }
        RetailerCommand::Open { retailer } => RetailerOp::Open { retailer, open: true },
        RetailerCommand::Close { retailer } => RetailerOp::Open { retailer, open: false },
        RetailerCommand::List => RetailerOp::List,
    }
}

fn location_op(command: LocationCommand) -> LocationOp {
    match command {
        LocationCommand::Create { key, retailer, name, warehouse } => {
            LocationOp::Create { retailer, key, name, warehouse }
        }
        LocationCommand::Edit { location, name, warehouse } => LocationOp::Edit { location, name, warehouse },
        LocationCommand::Open { location } => LocationOp::Open { location, open: true },
        LocationCommand::Close { location } => LocationOp::Open { location, open: false },
        LocationCommand::List { retailer } => LocationOp::List { retailer },
    }
}

fn channel_op(command: ChannelCommand) -> ChannelOp {
    match command {
        ChannelCommand::Create { key, retailer, name } => ChannelOp::Create { retailer, key, name },
        ChannelCommand::Edit { channel, retailer, name } => ChannelOp::Edit { retailer, channel, name },
        ChannelCommand::Open { channel, retailer } => ChannelOp::Open { retailer, channel, open: true },
        ChannelCommand::Close { channel, retailer } => ChannelOp::Open { retailer, channel, open: false },
        ChannelCommand::List { retailer } => ChannelOp::List { retailer },
    }
}

fn audit_op(command: AuditCommand) -> AuditOp {
    match command {
        AuditCommand::List { chain, after, limit, oldest_first } => {
            AuditOp::List { chain: chain.chain, after, limit, oldest_first }
        }
        AuditCommand::Verify { chain, head } => AuditOp::Verify { chain: chain.chain, head },
        AuditCommand::Export { chain } => AuditOp::Export { chain: chain.chain },
    }
}

/// A bar on long work; nothing when standard error is no terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        // Indicatif hides a bar by itself where there is no terminal.
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    fn show(&self, what: &str, done: u64, of: u64) {
        self.0.set_message(what.to_owned());
        self.0.set_length(of);
        self.0.set_position(done);
    }

    fn done(&self) {
        self.0.finish_and_clear();
    }
}
