//! One company in both forms, and the stream of questions that both are asked.

use super::company::{CUSTOM_PERMISSIONS, CUSTOM_ROLES, Company, Given};
use super::floor::{Ask, Floor};
use crate::memory;
use crate::timing::{below, mix};
use access::catalogue::Contract;
use access::change::{LocationKind, Profile, SignIn, UserKind};
use access::snapshot::{
    Account, Builder, Channel, Counters, GrantRow, GrantRows, Location, LocationNumbers, Retailer, RoleRow,
    UserRow,
};
use access::{
    Application, ChannelId, Entity, GrantId, Label, LocationId, Login, Number, PermissionId, PermissionName,
    Place, Question, Ref, Resource, RetailerId, Revision, RoleId, RoleKey, Snapshot, UserId,
};

pub(crate) type Failure = Box<dyn std::error::Error>;

pub(crate) struct Stage {
    pub(crate) company: Company,
    pub(crate) snapshot: Snapshot,
    pub(crate) floor: Floor,
    /// Handles, resolved once as a caller would.
    permissions: Vec<PermissionId>,
    entities: Vec<Entity>,
    pub(crate) grants: u32,
    /// Bytes behind the snapshot as the allocator saw them: of all, and of it without users.
    pub(crate) bytes: usize,
    pub(crate) bytes_without_users: usize,
}

/// The id of a number that the company gave; numbers begin with 1.
fn id<T: Number>(number: u32) -> Result<T, Failure> {
    T::from_number(number).ok_or_else(|| format!("{number} is no id").into())
}

/// The state of a company alone, and how many grants there are.
pub(crate) fn snapshot(company: &Company) -> Result<(Snapshot, u32), Failure> {
    let mut builder = builder(company)?;
    let grants = fill(company, &mut builder, &mut Floor::default())?;
    Ok((builder.finish(), grants))
}

impl Stage {
    pub(crate) fn of(users: u32) -> Result<Self, Failure> {
        let contract = Contract::built_in()?;
        let company = Company::of(users, contract.built_in_roles().len(), contract.permissions().len());
        let before = memory::live();
        let empty = builder(&company)?.finish();
        let bytes_without_users = memory::live() - before;
        drop(empty);

        let mut floor = Floor::default();
        let mut builder = builder(&company)?;
        let grants = fill(&company, &mut builder, &mut floor)?;
        let snapshot = builder.finish();
        let entities: Vec<Entity> = contract.entities().filter(|e| !e.is_user()).collect();
        floor.finish(&snapshot, &entities);
        let permissions = snapshot.permissions().ids().collect();
        let mut stage =
            Self { company, snapshot, floor, permissions, entities, grants, bytes: 0, bytes_without_users };
        stage.measure_bytes()?;
        Ok(stage)
    }

    /// Once more without the floor, so that what the snapshot holds is all that came to live.
    fn measure_bytes(&mut self) -> Result<(), Failure> {
        let before = memory::live();
        let mut builder = builder(&self.company)?;
        fill(&self.company, &mut builder, &mut Floor::default())?;
        let snapshot = builder.finish();
        self.bytes = memory::live() - before;
        drop(snapshot);
        Ok(())
    }

    /// The next question of a stream. It depends on the last answer, so that no processor can begin it
    /// before that answer is there.
    #[inline]
    pub(crate) fn next(&self, state: &mut u64, answer: bool) -> Ask {
        *state = (*state ^ u64::from(answer)).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let a = mix(*state);
        let b = mix(a);
        let company = &self.company;
        let user = below(a as u32, company.users) + 1;
        let entity = below(((a >> 32) as u32) << 16, self.entities.len() as u32);
        let carried = self.floor.carried(entity);
        // Half of the questions are about the user's home, half of those about the very location.
        let (home, home_location) = company.home(user);
        let retailer = if a >> 63 == 0 { home } else { below((b >> 32) as u32, company.retailers) + 1 };
        let any = Company::of_retailer(retailer, company.locations_each, (b as u32) << 8);
        let location = match (a >> 48) & 0xf {
            0 => 0,
            1..8 if a >> 63 == 0 => home_location,
            _ => any,
        };
        Ask {
            user,
            permission: below(b as u32, company.permissions),
            entity,
            retailer: if self.entities[entity as usize].carries_retailer() { retailer } else { 0 },
            location: if carried.location { location } else { 0 },
            channel: match carried.channel {
                true => Company::of_retailer(retailer, company.channels_each, (b >> 16) as u32),
                false => 0,
            },
        }
    }

    /// The question by handles, as the engine takes it.
    #[inline]
    pub(crate) fn question(&self, ask: &Ask, application: Option<Application>) -> Option<Question> {
        self.question_of(UserId::from_number(ask.user)?, ask, application)
    }

    #[inline]
    pub(crate) fn question_of(
        &self,
        user: UserId,
        ask: &Ask,
        application: Option<Application>,
    ) -> Option<Question> {
        let place = Place {
            retailer: RetailerId::from_number(ask.retailer),
            location: LocationId::from_number(ask.location),
            channel: ChannelId::from_number(ask.channel),
        };
        Some(Question {
            user,
            permission: *self.permissions.get(ask.permission as usize)?,
            resource: Resource::thing(*self.entities.get(ask.entity as usize)?, place),
            application,
        })
    }
}

/// Roles and places, before any user.
fn builder(company: &Company) -> Result<Builder, Failure> {
    let account = Account { id: id(1)?, r#ref: Ref::parse("shop")?, name: Label::parse("Shop")? };
    let counters = Counters { grants: company.users * 6, custom_roles: CUSTOM_ROLES };
    let mut builder = Builder::new(Contract::built_in()?, account, Revision(7), counters);
    let mut own = Vec::new();
    for number in 0..CUSTOM_PERMISSIONS {
        own.push(PermissionName::parse(&format!("EXTRA{number}_UPDATE"))?);
        builder.permission(own[number as usize].clone())?;
    }
    let catalogue: Vec<PermissionName> =
        Contract::built_in()?.permissions().names().iter().chain(&own).cloned().collect();
    for number in 1..=CUSTOM_ROLES {
        let held = |place: usize| mix(u64::from(number) << 32 | place as u64) % 64 < u64::from(number);
        builder.role(RoleRow {
            id: id(RoleId::BUILT_IN_MAX + number)?,
            key: RoleKey::parse(&format!("custom{number}"))?,
            label: Label::parse(&format!("Custom {number}"))?,
            application: [None, None, Some(Application::Omc), Some(Application::StoreApp)]
                [number as usize % 4],
            permissions: (0..catalogue.len()).filter(|p| held(*p)).map(|p| catalogue[p].clone()).collect(),
        })?;
    }
    for retailer in 1..=company.retailers {
        builder.retailer(Retailer {
            id: id(retailer)?,
            r#ref: Ref::parse(&format!("SITE-{retailer}"))?,
            name: Label::parse(&format!("Site {retailer}"))?,
            default_channel: id((retailer - 1) * company.channels_each + 1)?,
            open: true,
        })?;
    }
    for location in 1..=company.locations() {
        builder.location(Location {
            id: id(location)?,
            retailer: id((location - 1) / company.locations_each + 1)?,
            r#ref: Ref::parse(&format!("STORE-{location}"))?,
            name: Label::parse(&format!("Store {location}"))?,
            kind: LocationKind::Store,
            open: true,
        })?;
    }
    for channel in 1..=company.channels() {
        builder.channel(Channel {
            id: id(channel)?,
            retailer: id((channel - 1) / company.channels_each + 1)?,
            r#ref: Ref::parse(&format!("CHANNEL-{channel}"))?,
            name: Label::parse(&format!("Channel {channel}"))?,
            open: true,
        })?;
    }
    Ok(builder)
}

/// All users with their grants, to both; how many grants there were.
fn fill(company: &Company, builder: &mut Builder, floor: &mut Floor) -> Result<u32, Failure> {
    let contract = Contract::built_in()?;
    let built_in = contract.built_in_roles().len();
    let mut rows = GrantRows::new(&contract);
    let (mut grants, mut login, mut count) = (Vec::<Given>::new(), Vec::new(), 0);
    for user in 1..=company.users {
        Company::login(user, &mut login);
        let text = std::str::from_utf8(&login)?;
        let (first, rest) = text.split_once('.').unwrap_or_default();
        let last = rest.split('@').next().unwrap_or_default();
        let enabled = Company::is_enabled(user);
        builder.user(UserRow {
            id: id(user)?,
            login: Login::parse(text)?,
            profile: Profile::of(Label::parse(&format!("{first} {last}"))?, Some(Label::parse(text)?)),
            kind: UserKind::Person,
            sign_in: SignIn::Password,
            enabled,
            provisioned: true,
            removed: false,
            epoch: 1,
        })?;
        company.grants(user, &mut grants);
        floor.user(enabled, &grants);
        for given in &grants {
            count += 1;
            rows.push(&row(user, count, built_in, given)?)?;
        }
    }
    builder.grants(rows)?;
    Ok(count)
}

fn row(user: u32, grant: u32, built_in: usize, given: &Given) -> Result<GrantRow<'_>, Failure> {
    Ok(GrantRow {
        user: id(user)?,
        id: id::<GrantId>(grant)?,
        role: role_id(given.role, built_in)?,
        retailers: listed(&given.retailers),
        locations: match (given.locations.as_slice(), given.narrow) {
            ([], _) => LocationNumbers::All,
            (some, true) => LocationNumbers::Narrow(some),
            (some, false) => LocationNumbers::Only(some),
        },
        channels: listed(&given.channels),
        validity: given.validity,
    })
}

fn listed(list: &[u32]) -> Option<&[u32]> {
    if list.is_empty() { None } else { Some(list) }
}

/// The id of the role at a place of the company's list.
pub(crate) fn role_id(place: usize, built_in: usize) -> Result<RoleId, Failure> {
    match place.checked_sub(built_in) {
        Some(custom) => id(RoleId::BUILT_IN_MAX + 1 + custom as u32),
        None => id(place as u32 + 1),
    }
}
