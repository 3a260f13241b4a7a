//! Writes of the data that access guards. Their rows are kept by `commerce`, which takes these proofs.

use super::account::thing;
use crate::proof::{Demand, Guarded};
use crate::resource::Place;
use crate::snapshot::Snapshot;
use std::collections::HashSet;

macro_rules! writes {
    ($($(#[$doc:meta])* $name:ident: $(($permission:literal, $entity:literal $(, $when:ident)?)),+;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            places: Vec<Place>,
            named: HashSet<Place>,
        }

        impl $name {
            /// To write at these places, old and new ones of a move included.
            #[must_use]
            pub fn at(places: impl IntoIterator<Item = Place>) -> Self {
                let mut named = HashSet::new();
                let places = places.into_iter().filter(|place| named.insert(*place)).collect();
                Self { places, named }
            }

            /// Whether that place is one of those.
            #[must_use]
            pub fn names(&self, place: &Place) -> bool {
                self.named.contains(place)
            }
        }

        impl Guarded for $name {
            fn demand(&self, on: &Snapshot) -> Demand {
                let mut demand = Demand::nothing();
                for place in &self.places {
                    $(if true $(&& $when(place))? {
                        demand = demand.and($permission, thing(on, $entity, *place));
                    })+
                }
                demand
            }
        }
    )+};
}

fn is_located(place: &Place) -> bool {
    place.location.is_some()
}

writes! {
    /// Items, shared by all retailers or of one.
    WriteItems: ("STANDARDPRODUCT_CREATE", "item"), ("STANDARDPRODUCT_UPDATE", "item");
    /// Customers of a retailer.
    WriteCustomers: ("CUSTOMER_CREATE", "customer");
    /// Orders with their lines and fulfilments. A place with a location is that of a fulfilment and its order;
    /// one without is that of an order that has none.
    WriteOrders: ("ORDER_CREATE", "order"), ("ORDER_UPDATE", "order"),
        ("FULFILMENT_CREATE", "fulfilment", is_located), ("FULFILMENT_UPDATE", "fulfilment", is_located);
    /// Stock on hand.
    WriteStock: ("INVENTORYPOSITION_CREATE", "inventory_position"), ("INVENTORYPOSITION_UPDATE", "inventory_position");
    /// Address, time zone and coordinates of locations.
    WriteLocationDetails: ("LOCATION_UPDATE", "location");
}
