//! The web pages of the Order Management Center and the Store App, rendered on the server.
//!
//! request -> route (who may call it) -> [`origin`], session, [`form`] and its token -> handler -> the service
//! -> a view -> its template
//!
//! A view is a struct with everything that its page shows; its template stands under `templates/`.
//!
//! **Invariant:** every route stands in one table, with who may call it and why; the router is built from that table.
//! **Invariant:** no handler is reached by a change that did not come from a form that this browser was shown.
//! **Invariant:** no rules here: what is allowed is the service's answer.
//! **Invariant:** no address of ours is built from what a request says of its host.
//!
//! **Invariant:** no page holds a script or an inline style: [`headers`] lets none run.
//! **Invariant:** all text is escaped by the templates; no template marks a text as safe.
//! **Invariant:** every form is a `post` with the hidden field `csrf` of its [`Frame`].
//! **Invariant:** what a page links to inside this site is made of [`paths`] or is a [`LocalPath`].

mod answer;
pub mod assets;
mod call;
mod clock;
pub mod cookies;
mod days;
mod door;
pub mod form;
mod handlers;
pub mod headers;
pub mod next;
pub mod origin;
pub mod paths;
mod routes;
mod session;
mod site;
mod views;

pub use askama::Template;
pub use clock::Clock;
pub use door::Door;
pub use next::LocalPath;
pub use routes::{Access, PagesConfig, Route, router, routes};
pub use site::{SiteUrl, SiteUrlError};
pub use views::audit::{Audit, AuditFilters, AuditRow, FactChange, FactRow, FactValue, ListChange, Piece};
pub use views::confirm::{Confirm, ConfirmDetail, ConfirmLine};
pub use views::effective::{EffectiveCell, EffectiveRow, EffectiveTable};
pub use views::explain::{Explain, ExplainAnswer, ExplainForm, OpinionRow};
pub use views::frame::{Frame, Input, Listed, MenuItem, Moment, Notice, Person, SiteSwitch, Tone};
pub use views::me::{
    AccessRow, ActivePlace, Everywhere, MyInformation, NewToken, Place, Profile, SessionRow, SignsInBy,
    TokenForm, TokenRow, TokensOff,
};
pub use views::message::{Message, Trouble};
pub use views::onward::Onward;
pub use views::password::{
    LinkKind, LinkPage, LinkRefused, PasswordChange, PasswordChangeKind, PasswordErrors,
};
pub use views::role_edit::{EditGroup, EditPermission, RoleEdit, RoleNew};
pub use views::roles::{HolderRow, Level, PermissionGroup, RolePage, RoleRow, RoleTable, Roles};
pub use views::shown::ShownOnce;
pub use views::sign_in::{Provider, SignIn, SignInMessage, SignedOut};
pub use views::store_choice::StoreChoice;
pub use views::store_user_new::StoreUserNew;
pub use views::token::TokenMade;
pub use views::told::Told;
pub use views::user::{AssignForm, GrantForm, GrantRow, UserPage, UserTokenRow};
pub use views::user_access::{
    ApplicationAccess, Held, PlaceRow, PlacesField, RoleChoice, UserAccess, UserAssign,
};
pub use views::user_new::{NewUserForm, UserNew};
pub use views::users::{BulkForm, StatusWord, UserFilters, UserListRow, Users};
