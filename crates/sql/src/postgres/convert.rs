//! Values to and from PostgreSQL's binary format.

use std::error::Error;

use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::error::SqlError;
use crate::row::missing;
use crate::value::{Cell, Value};

type Boxed = Box<dyn Error + Sync + Send>;

/// A value on its way into a parameter whose type the server chose.
#[derive(Debug)]
pub(crate) struct Bound<'a>(pub(crate) &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut postgres::types::private::BytesMut) -> Result<IsNull, Boxed> {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Bool(value) => value.to_sql(ty, out),
            Value::Int(value) if *ty == Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
            Value::Int(value) if *ty == Type::INT2 => i16::try_from(*value)?.to_sql(ty, out),
            Value::Int(value) => value.to_sql(ty, out),
            Value::Text(value) => value.to_sql(ty, out),
            Value::Bytes(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // `check` has looked at each value and its type.
        true
    }

    to_sql_checked!();
}

/// Refuses a value that the parameter at `index` (from 0) cannot take.
pub(crate) fn check(index: usize, value: &Value, ty: &Type) -> Result<(), SqlError> {
    let fits = match value {
        Value::Null => true,
        Value::Bool(_) => *ty == Type::BOOL,
        Value::Int(_) if *ty == Type::INT8 => true,
        Value::Int(value) if *ty == Type::INT4 => i32::try_from(*value).is_ok(),
        Value::Int(value) if *ty == Type::INT2 => i16::try_from(*value).is_ok(),
        Value::Int(_) => false,
        Value::Text(_) => is_text(ty),
        Value::Bytes(_) => *ty == Type::BYTEA,
    };
    if fits {
        return Ok(());
    }
    Err(SqlError::Type {
        place: format!("parameter ${}", index + 1),
        found: Cell::from(value).shape().to_owned(),
        expected: expected(ty),
    })
}

fn is_text(ty: &Type) -> bool {
    [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME, Type::UNKNOWN].contains(ty)
}

fn expected(ty: &Type) -> &'static str {
    match *ty {
        Type::BOOL => "a boolean",
        Type::INT8 => "an integer",
        Type::INT4 | Type::INT2 => "an integer that fits the column",
        Type::BYTEA => "bytes",
        _ if is_text(ty) => "text",
        _ => "a type outside the portable subset",
    }
}

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Boxed> {
        match *ty {
            Type::BOOL => bool::from_sql(ty, raw).map(Cell::Bool),
            Type::INT8 => i64::from_sql(ty, raw).map(Cell::Int),
            Type::INT4 => i32::from_sql(ty, raw).map(|value| Cell::Int(i64::from(value))),
            Type::INT2 => i16::from_sql(ty, raw).map(|value| Cell::Int(i64::from(value))),
            Type::BYTEA => <&[u8]>::from_sql(ty, raw).map(Cell::Bytes),
            _ => <&str>::from_sql(ty, raw).map(Cell::Text),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Boxed> {
        Ok(Cell::Null)
    }

    fn accepts(ty: &Type) -> bool {
        is_text(ty) || [Type::BOOL, Type::INT8, Type::INT4, Type::INT2, Type::BYTEA].contains(ty)
    }
}

/// One column of a row, from 0.
pub(crate) fn cell(row: &postgres::Row, column: usize) -> Result<Cell<'_>, SqlError> {
    let Some(described) = row.columns().get(column) else { return Err(missing(column)) };
    row.try_get(column).map_err(|_| SqlError::Type {
        place: format!("column {column} ({})", described.name()),
        found: described.type_().name().to_owned(),
        expected: "an integer, a boolean, text or bytes",
    })
}
