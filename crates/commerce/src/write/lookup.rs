//! Items and customers that rows refer to.

use super::Frame;
use crate::error::CommerceError;
use crate::limits::CHUNK_ROWS;
use crate::statement::{Column, Statement};
use access::RetailerId;
use access::words::{Number, Ref};
use sql::{SqlError, Tx, Value};
use std::collections::{BTreeSet, HashMap};

/// Ids by ref, and in it by retailer; 0 for what all retailers share.
pub(super) struct Known(HashMap<String, HashMap<i64, String>>);

impl Known {
    /// The things of `table` that have one of these refs.
    pub(super) fn read<'r>(
        tx: &mut Tx<'_>,
        frame: &Frame<'_>,
        table: &str,
        refs: impl IntoIterator<Item = &'r Ref>,
    ) -> Result<Self, SqlError> {
        let refs: Vec<&str> =
            refs.into_iter().map(Ref::as_str).collect::<BTreeSet<_>>().into_iter().collect();
        let mut known: HashMap<String, HashMap<i64, String>> = HashMap::new();
        for chunk in refs.chunks(CHUNK_ROWS) {
            let mut query = Statement::default();
            let wanted: Vec<Value> = chunk.iter().map(|reference| (*reference).into()).collect();
            query.say("SELECT reference, retailer, id");
            query.wanted(table, frame.account, &[Column::Text("reference")], wanted.chunks(1));
            for row in tx.query(&query.text, &query.values)? {
                let of = known.entry(row.text(0)?.to_owned()).or_default();
                of.insert(row.opt_int(1)?.unwrap_or(0), row.text(2)?.to_owned());
            }
        }
        Ok(Self(known))
    }

    /// The id of the retailer's own thing of that ref, else of the shared one.
    pub(super) fn find(&self, retailer: RetailerId, reference: &Ref) -> Option<&str> {
        let of = self.0.get(reference.as_str())?;
        of.get(&i64::from(retailer.number())).or_else(|| of.get(&0)).map(String::as_str)
    }
}

/// What a row refers to by ref.
pub(super) struct Reference<'a> {
    /// What the row is, and its ref.
    pub(super) of: (&'static str, &'a str),
    pub(super) retailer: RetailerId,
    pub(super) other: &'static str,
    pub(super) reference: &'a Ref,
}

impl Reference<'_> {
    /// The id. In a preview, what is not there is taken to come before.
    pub(super) fn resolve(&self, frame: &Frame<'_>, known: &Known) -> Result<String, CommerceError> {
        match known.find(self.retailer, self.reference) {
            Some(id) => Ok(id.to_owned()),
            None if frame.is_preview() => Ok(format!("?{}", self.reference)),
            None => Err(CommerceError::Unknown {
                what: self.of.0,
                key: self.of.1.to_owned(),
                other: self.other,
                given: self.reference.to_string(),
            }),
        }
    }
}
