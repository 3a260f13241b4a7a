//! Writes of the data that access guards. Their rows are kept by `commerce`, which takes these proofs.

use super::account::thing;
use crate::proof::{Demand, Guarded};
use crate::resource::Place;
use crate::snapshot::Snapshot;

macro_rules! writes {
    ($($(#[$doc:meta])* $name:ident: $(($permission:literal, $entity:literal)),+;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            places: Vec<Place>,
        }

        impl $name {
            /// To write at these places, old and new ones of a move included.
            #[must_use]
            pub fn at(places: impl IntoIterator<Item = Place>) -> Self {
                let mut distinct: Vec<Place> = Vec::new();
                let mut seen = std::collections::HashSet::new();
                for place in places {
                    if seen.insert(place) {
                        distinct.push(place);
                    }
                }
                Self { places: distinct }
            }

            /// Whether that place is one of those.
            #[must_use]
            pub fn names(&self, place: &Place) -> bool {
                self.places.contains(place)
            }
        }

        impl Guarded for $name {
            fn demand(&self, on: &Snapshot) -> Demand {
                let mut demand = Demand::nothing();
                for place in &self.places {
                    $(demand = demand.and($permission, thing(on, $entity, *place));)+
                }
                demand
            }
        }
    )+};
}

writes! {
    /// Items, shared by all retailers or of one.
    WriteItems: ("STANDARDPRODUCT_CREATE", "item"), ("STANDARDPRODUCT_UPDATE", "item");
    /// Customers of a retailer.
    WriteCustomers: ("CUSTOMER_CREATE", "customer");
    /// Orders with their lines and fulfilments.
    WriteOrders: ("ORDER_CREATE", "order"), ("ORDER_UPDATE", "order"), ("FULFILMENT_CREATE", "fulfilment");
    /// Stock on hand.
    WriteStock: ("INVENTORYPOSITION_CREATE", "inventory_position"), ("INVENTORYPOSITION_UPDATE", "inventory_position");
}
