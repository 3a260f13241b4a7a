//! One question and many: from a body to the bytes of its answer, without a runtime or a socket.

use super::answer::{Tally, Writer};
use super::ask::{Asker, Defaults, Locate, Trouble, check_types, short};
use super::shape::{Part, Shape};
use super::wire::{Batch, Item, List, Options, Single};
use crate::limits::EVALUATIONS_MAX;
use axum::http::StatusCode;
use service::Inquiry;

/// When a batch is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Semantic {
    ExecuteAll,
    DenyOnFirstDeny,
    PermitOnFirstPermit,
}

impl Semantic {
    fn parse(text: &str) -> Result<Self, Trouble> {
        match text {
            "execute_all" => Ok(Semantic::ExecuteAll),
            "deny_on_first_deny" => Ok(Semantic::DenyOnFirstDeny),
            "permit_on_first_permit" => Ok(Semantic::PermitOnFirstPermit),
            other => Err(Trouble::invalid(format!(
                "options.evaluations_semantic is `{}`: it is one of execute_all, deny_on_first_deny, \
                 permit_on_first_permit",
                short(other)
            ))),
        }
    }

    fn stops_after(self, allowed: bool) -> bool {
        match self {
            Semantic::ExecuteAll => false,
            Semantic::DenyOnFirstDeny => !allowed,
            Semantic::PermitOnFirstPermit => allowed,
        }
    }
}

fn parse<'b, T: Shape<'b>>(body: &'b [u8]) -> Result<T, Trouble> {
    // Looked at once as a whole: the reader need not do it text by text.
    let text = std::str::from_utf8(body).map_err(|_| Trouble::invalid("the body is not written in UTF-8"))?;
    let read = serde_json::from_str::<Part<T>>(text);
    match read.map_err(|error| Trouble::invalid(format!("the body cannot be read: {error}")))? {
        Part::Is(found) => Ok(found),
        Part::Absent | Part::Wrong => Err(Trouble::invalid("the body is no JSON object")),
    }
}

/// Reads a single question and drops it, for the measuring floor.
pub(super) fn parse_only(body: &[u8]) -> Result<(), Trouble> {
    let single: Single<'_> = parse(body)?;
    check_types(&single.top)?;
    read_options(&single.options).map(drop)
}

fn read_options(options: &Part<Options<'_>>) -> Result<(Semantic, bool), Trouble> {
    let options = match options {
        Part::Absent => return Ok((Semantic::ExecuteAll, false)),
        Part::Wrong => return Err(Trouble::invalid("`options` is no object")),
        Part::Is(options) => options,
    };
    let semantic = match &options.semantic {
        Part::Absent => Semantic::ExecuteAll,
        Part::Is(text) => Semantic::parse(text)?,
        Part::Wrong => return Err(Trouble::invalid("`options.evaluations_semantic` is no text")),
    };
    let explain = match options.explain {
        Part::Absent => false,
        Part::Is(explain) => explain,
        Part::Wrong => return Err(Trouble::invalid("`options.explain` is neither true nor false")),
    };
    Ok((semantic, explain))
}

/// Answers the body of `/access/v1/evaluation` into `out`.
///
/// # Errors
/// Trouble with the question. Being denied is none.
pub fn evaluate(
    inquiry: &Inquiry,
    locate: Locate<'_>,
    body: &[u8],
    out: &mut Vec<u8>,
) -> Result<Tally, Trouble> {
    one(inquiry, locate, &parse::<Single<'_>>(body)?, out)
}

/// Answers the body of `/access/v1/evaluations` into `out`: its evaluations in their order, or the one question at
/// its top when it has none.
///
/// # Errors
/// Trouble with the whole request; trouble with one evaluation is told in its place.
pub fn evaluate_batch(
    inquiry: &Inquiry,
    locate: Locate<'_>,
    body: &[u8],
    out: &mut Vec<u8>,
) -> Result<Tally, Trouble> {
    let batch: Batch<'_> = parse(body)?;
    match &batch.evaluations {
        Part::Wrong => Err(Trouble::invalid("`evaluations` is no array")),
        Part::Is(list) if list.given > EVALUATIONS_MAX => Err(Trouble::invalid(format!(
            "`evaluations` has {} items, more than the {EVALUATIONS_MAX} of one request: ask in several",
            list.given
        ))),
        Part::Is(list) if !list.items.is_empty() => many(inquiry, locate, &batch.single, list, out),
        Part::Absent | Part::Is(_) => one(inquiry, locate, &batch.single, out),
    }
}

fn one(
    inquiry: &Inquiry,
    locate: Locate<'_>,
    single: &Single<'_>,
    out: &mut Vec<u8>,
) -> Result<Tally, Trouble> {
    let (_, explain) = read_options(&single.options)?;
    let mut asker = Asker::new(inquiry, locate);
    let defaults = asker.defaults(&single.top);
    // The question is its own default; nobody known is denied like anybody else.
    let (question, _) = asker.question(&single.top, &defaults)?;
    let decision = asker.decide(&question)?;
    let mut writer = Writer::new(inquiry, explain, out);
    writer.decision(&question, &decision);
    Ok(writer.tally)
}

fn many(
    inquiry: &Inquiry,
    locate: Locate<'_>,
    single: &Single<'_>,
    list: &List<'_>,
    out: &mut Vec<u8>,
) -> Result<Tally, Trouble> {
    check_types(&single.top)?;
    let (semantic, explain) = read_options(&single.options)?;
    let mut asker = Asker::new(inquiry, locate);
    let defaults = asker.defaults(&single.top);
    let mut writer = Writer::new(inquiry, explain, out);
    writer.raw(r#"{"evaluations":["#);
    for (index, item) in list.items.iter().enumerate() {
        if index > 0 {
            writer.raw(",");
        }
        let allowed = answer(&mut asker, &defaults, item, &mut writer);
        if semantic.stops_after(allowed) {
            break;
        }
    }
    writer.raw("]}");
    Ok(writer.tally)
}

/// Answers one item; trouble with it is an answer too, and denies.
fn answer<'a>(
    asker: &mut Asker<'a>,
    defaults: &Defaults<'a>,
    item: &'a Part<Item<'a>>,
    writer: &mut Writer<'_>,
) -> bool {
    let Part::Is(item) = item else {
        writer.trouble(&Trouble::invalid("this evaluation is no object"));
        return false;
    };
    let asked = asker.question(item, defaults).and_then(|(question, known)| {
        let decision = asker.decide(&question)?;
        // Told only to those who may ask about others there.
        let unknown = || Trouble::new(StatusCode::NOT_FOUND, "there is no such user in this account");
        if known { Ok((question, decision)) } else { Err(unknown()) }
    });
    match asked {
        Ok((question, decision)) => {
            writer.decision(&question, &decision);
            decision.allowed
        }
        Err(trouble) => {
            writer.trouble(&trouble);
            false
        }
    }
}
