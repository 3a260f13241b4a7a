//! Writing items, customers and details of locations.

use super::upsert::{Draft, Shape};
use super::{Frame, NewCustomer, NewItem, NewLocationDetail, WriteMode, Written};
use super::{check_keys, check_proven, ids, wrong_place};
use crate::commerce::Commerce;
use crate::error::CommerceError;
use crate::statement::Column;
use crate::text::{Degrees, Text};
use access::Authorized;
use access::commands::{WriteCustomers, WriteItems, WriteLocationDetails};
use access::words::Number;
use sql::Value;

const OWN: &[Column] = &[Column::Int("retailer"), Column::Text("reference")];
const REFERENCE: &[Column] = &[Column::Text("reference")];

const ITEM: Shape = Shape {
    table: "item",
    has_id: true,
    key: OWN,
    found_by: REFERENCE,
    data: &[Column::Text("label"), Column::Text("category")],
};

const CUSTOMER: Shape =
    Shape { table: "customer", has_id: true, key: OWN, found_by: REFERENCE, data: &[Column::Text("label")] };

const LOCATION_DETAIL: Shape = Shape {
    table: "place_detail",
    has_id: false,
    key: &[Column::Int("location")],
    found_by: &[Column::Int("location")],
    data: &[
        Column::Int("retailer"),
        Column::Text("city"),
        Column::Text("region"),
        Column::Text("country"),
        Column::Text("time_zone"),
        Column::Int("latitude"),
        Column::Int("longitude"),
    ],
};

impl Commerce {
    /// Writes items; new ones get an id.
    ///
    /// # Errors
    /// See [`CommerceError`]; nothing is written then.
    #[expect(clippy::needless_pass_by_value, reason = "a proof is spent once")]
    pub fn write_items(
        &self,
        proof: Authorized<'_, WriteItems>,
        rows: &[NewItem],
        mode: WriteMode,
    ) -> Result<Written, CommerceError> {
        let frame = Frame::of(&proof, mode);
        check_keys("item", rows, |row| (row.retailer, row.reference.as_str()), |row| row.reference.as_str())?;
        for row in rows {
            let key = row.reference.as_str();
            check_proven("item", key, proof.operation().names(&row.place()))?;
            row.retailer.map_or(Ok(()), |retailer| frame.check_retailer("item", key, retailer))?;
        }
        let ids = ids::new_ids(self.ids.as_ref(), ids::ITEM, rows.len())?;
        let drafts: Vec<Draft> = rows
            .iter()
            .zip(ids)
            .map(|(row, id)| Draft {
                id,
                key: vec![row.retailer.map(Number::number).into(), row.reference.as_str().into()],
                found_by: vec![row.reference.as_str().into()],
                data: vec![row.name.as_str().into(), text(row.category.as_ref())],
            })
            .collect();
        self.run(&frame, |tx| ITEM.upsert(tx, &frame, &drafts))
    }

    /// Writes customers; new ones get an id.
    ///
    /// # Errors
    /// See [`CommerceError`]; nothing is written then.
    #[expect(clippy::needless_pass_by_value, reason = "a proof is spent once")]
    pub fn write_customers(
        &self,
        proof: Authorized<'_, WriteCustomers>,
        rows: &[NewCustomer],
        mode: WriteMode,
    ) -> Result<Written, CommerceError> {
        let frame = Frame::of(&proof, mode);
        check_keys(
            "customer",
            rows,
            |row| (row.retailer, row.reference.as_str()),
            |row| row.reference.as_str(),
        )?;
        for row in rows {
            let key = row.reference.as_str();
            check_proven("customer", key, proof.operation().names(&row.place()))?;
            frame.check_retailer("customer", key, row.retailer)?;
        }
        let ids = ids::new_ids(self.ids.as_ref(), ids::CUSTOMER, rows.len())?;
        let drafts: Vec<Draft> = rows
            .iter()
            .zip(ids)
            .map(|(row, id)| Draft {
                id,
                key: vec![row.retailer.number().into(), row.reference.as_str().into()],
                found_by: vec![row.reference.as_str().into()],
                data: vec![row.name.as_str().into()],
            })
            .collect();
        self.run(&frame, |tx| CUSTOMER.upsert(tx, &frame, &drafts))
    }

    /// Writes what is known of locations beside their place in the context tree.
    ///
    /// # Errors
    /// See [`CommerceError`]; nothing is written then.
    #[expect(clippy::needless_pass_by_value, reason = "a proof is spent once")]
    pub fn write_location_details(
        &self,
        proof: Authorized<'_, WriteLocationDetails>,
        rows: &[NewLocationDetail],
        mode: WriteMode,
    ) -> Result<Written, CommerceError> {
        const WHAT: &str = "location detail";
        let frame = Frame::of(&proof, mode);
        check_keys(WHAT, rows, |row| row.location, |_| "")?;
        let mut drafts = Vec::with_capacity(rows.len());
        for row in rows {
            let key = row.location.to_string();
            let place = row.place(frame.places).ok_or_else(|| wrong_place(WHAT, &key, row.location))?;
            check_proven(WHAT, &key, proof.operation().names(&place))?;
            let location = vec![Value::from(row.location.number())];
            drafts.push(Draft {
                id: String::new(),
                key: location.clone(),
                found_by: location,
                data: vec![
                    place.retailer.map(Number::number).into(),
                    text(row.city.as_ref()),
                    text(row.state.as_ref()),
                    text(row.country.as_ref()),
                    text(row.timezone.as_ref()),
                    row.latitude.map(Degrees::millionths).into(),
                    row.longitude.map(Degrees::millionths).into(),
                ],
            });
        }
        self.run(&frame, |tx| LOCATION_DETAIL.upsert(tx, &frame, &drafts))
    }
}

/// A text or none, as a value.
pub(super) fn text(text: Option<&Text>) -> Value {
    text.map(Text::as_str).into()
}
