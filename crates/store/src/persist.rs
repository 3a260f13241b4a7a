//! The first interpreter of [`Change`]: rows.
//!
//! New rows wait in a queue for each table, so that an import that makes a user, then their grants, then the
//! next user is written in statements of many rows all the same. A change of a row writes its table's queue first.

use crate::error::StoreError;
use crate::queue::Queue;
use crate::tables::{
    accounts, entrances, grants, links, passwords, places, roles, token_secrets, tokens, users,
};
use access::snapshot::{Channel, Location, Retailer, RoleRow, UserRow};
use access::{AccountId, Change, UserId};
use sql::Tx;

/// Writes the rows of changes of one account. What was given is in the database after [`Rows::flush`].
pub(crate) struct Rows {
    account: AccountId,
    users: Queue,
    grants: Queue,
    retailers: Queue,
    locations: Queue,
    channels: Queue,
}

impl Rows {
    pub(crate) fn new(account: AccountId) -> Self {
        Self {
            account,
            users: Queue::new("account_user", users::COLUMNS),
            grants: Queue::new("user_grant", grants::COLUMNS),
            retailers: Queue::new("retailer", places::RETAILER_COLUMNS),
            locations: Queue::new("place_location", places::LOCATION_COLUMNS),
            channels: Queue::new("sales_channel", places::CHANNEL_COLUMNS),
        }
    }

    /// Writes what waits.
    pub(crate) fn flush(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let queues =
            [&mut self.users, &mut self.grants, &mut self.retailers, &mut self.locations, &mut self.channels];
        queues.into_iter().try_for_each(|queue| queue.flush(tx))
    }

    /// Writes one change, or has its new row wait.
    pub(crate) fn write(&mut self, tx: &mut Tx<'_>, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::AccountCreated { id, r#ref, name } => accounts::insert(tx, *id, r#ref, name),
            Change::AccountEdited { name } => accounts::rename(tx, self.account, name),
            Change::PermissionAdded { .. }
            | Change::RoleCreated { .. }
            | Change::RoleEdited { .. }
            | Change::RoleRemoved { .. } => self.write_role(tx, change),
            Change::RetailerCreated { .. }
            | Change::LocationCreated { .. }
            | Change::ChannelCreated { .. } => self.write_new_place(tx, change),
            Change::RetailerEdited { .. }
            | Change::RetailerStatus { .. }
            | Change::LocationEdited { .. }
            | Change::LocationStatus { .. }
            | Change::ChannelEdited { .. }
            | Change::ChannelStatus { .. } => self.write_place(tx, change),
            Change::UserCreated { .. }
            | Change::UserEdited { .. }
            | Change::UserSwitched { .. }
            | Change::UserSignedOut { .. }
            | Change::UserSignInSet { .. }
            | Change::UserAddressesSet { .. }
            | Change::UserRemoved { .. } => self.write_user(tx, change),
            Change::TokenEnded { id, user, at, until } => {
                tokens::delete(tx, self.account, *id)?;
                token_secrets::delete_of_token(tx, self.account, *user, *id)?;
                entrances::end_token(tx, self.account, *id, *at, *until)
            }
            Change::ProviderSaved { provider } => entrances::save_provider(tx, self.account, provider),
            Change::ProviderRemoved { id } => entrances::remove_provider(tx, self.account, *id),
            Change::ClientAdded { client } => entrances::add_client(tx, self.account, client),
            Change::ClientRemoved { id } => entrances::remove_client(tx, self.account, *id),
            Change::GrantAdded { .. } | Change::GrantChanged { .. } | Change::GrantRemoved { .. } => {
                self.write_grant(tx, change)
            }
        }
    }

    fn write_role(&self, tx: &mut Tx<'_>, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::PermissionAdded { name } => roles::add_permission(tx, self.account, name),
            Change::RoleCreated { id, key, label, application, permissions } => {
                let (key, label, permissions) = (key.clone(), label.clone(), permissions.clone());
                let row = RoleRow { id: *id, key, label, application: *application, permissions };
                roles::insert(tx, self.account, &row)
            }
            Change::RoleEdited { id, label, permissions } => {
                roles::edit(tx, self.account, *id, label, permissions)
            }
            Change::RoleRemoved { id } => roles::delete(tx, self.account, *id),
            _ => Err(misplaced("roles")),
        }
    }

    fn write_new_place(&mut self, tx: &mut Tx<'_>, change: &Change) -> Result<(), StoreError> {
        let account = self.account;
        match change.clone() {
            Change::RetailerCreated { id, r#ref, name, default_channel } => {
                let row = Retailer { id, r#ref, name, default_channel, open: true };
                self.retailers.push(tx, places::retailer_row(account, &row))
            }
            Change::LocationCreated { id, retailer, r#ref, name, kind } => {
                let row = Location { id, retailer, r#ref, name, kind, open: true };
                self.locations.push(tx, places::location_row(account, &row))
            }
            Change::ChannelCreated { id, retailer, r#ref, name } => {
                let row = Channel { id, retailer, r#ref, name, open: true };
                self.channels.push(tx, places::channel_row(account, &row))
            }
            _ => Err(misplaced("new places")),
        }
    }

    fn write_place(&mut self, tx: &mut Tx<'_>, change: &Change) -> Result<(), StoreError> {
        for queue in [&mut self.retailers, &mut self.locations, &mut self.channels] {
            queue.flush(tx)?;
        }
        let account = self.account;
        match change {
            Change::RetailerEdited { id, name, default_channel } => {
                places::edit_retailer(tx, account, *id, name, *default_channel)
            }
            Change::RetailerStatus { id, open } => places::open_retailer(tx, account, *id, *open),
            Change::LocationEdited { id, name, kind } => places::edit_location(tx, account, *id, name, *kind),
            Change::LocationStatus { id, open } => places::open_location(tx, account, *id, *open),
            Change::ChannelEdited { id, name } => places::edit_channel(tx, account, *id, name),
            Change::ChannelStatus { id, open } => places::open_channel(tx, account, *id, *open),
            _ => Err(misplaced("places")),
        }
    }

    fn write_user(&mut self, tx: &mut Tx<'_>, change: &Change) -> Result<(), StoreError> {
        let account = self.account;
        if let Change::UserCreated { id, login, profile, kind, sign_in } = change {
            let (login, profile) = (login.clone(), profile.clone());
            let (enabled, provisioned, removed, epoch) = (true, true, false, 1);
            let (id, kind, sign_in) = (*id, *kind, *sign_in);
            let row = UserRow { id, login, profile, kind, sign_in, enabled, provisioned, removed, epoch };
            return self.users.push(tx, users::row(account, &row));
        }
        self.users.flush(tx)?;
        match change {
            Change::UserEdited { id, profile } => users::edit(tx, account, *id, profile),
            Change::UserSwitched { id, by, on } => {
                if !*on {
                    self.put_out(tx, *id)?;
                }
                users::switch(tx, account, *id, *by, *on)
            }
            Change::UserSignedOut { id } => {
                self.put_out(tx, *id)?;
                users::sign_out(tx, account, *id)
            }
            Change::UserSignInSet { id, sign_in } => {
                self.put_out(tx, *id)?;
                passwords::delete(tx, account, *id)?;
                users::set_sign_in(tx, account, *id, *sign_in)
            }
            Change::UserAddressesSet { id, ranges } => entrances::set_addresses(tx, account, *id, ranges),
            Change::UserRemoved { id } => {
                self.put_out(tx, *id)?;
                // The login stays reserved; a hash that nobody can use any more does not stay.
                passwords::delete(tx, account, *id)?;
                users::remove(tx, account, *id)
            }
            _ => Err(misplaced("users")),
        }
    }

    /// The epoch ends what was handed out to a user; what opens nothing any more does not stay.
    fn put_out(&self, tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
        tokens::delete_of_user(tx, self.account, user)?;
        token_secrets::delete_of_user(tx, self.account, user)?;
        links::end_of_user(tx, self.account, user)
    }

    fn write_grant(&mut self, tx: &mut Tx<'_>, change: &Change) -> Result<(), StoreError> {
        let account = self.account;
        if let Change::GrantAdded { grant } = change {
            return self.grants.push(tx, grants::row(account, grant));
        }
        self.grants.flush(tx)?;
        match change {
            Change::GrantChanged { id, user, scope, validity } => {
                grants::change(tx, account, *user, *id, (scope, *validity))
            }
            Change::GrantRemoved { id, user } => grants::delete(tx, account, *user, *id),
            _ => Err(misplaced("grants")),
        }
    }
}

/// The one match above sends every change to its writer, so this is a mistake there.
fn misplaced(writer: &str) -> StoreError {
    StoreError::Corrupt(format!("a change came to the writer of {writer} that is none"))
}
