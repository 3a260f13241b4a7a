//! What a change would give and take, in lines of a question: what they count can be opened.

use access::preview::{NAMED_MAX, Preview, PreviewLine, What};
use access::{Applications, UserId};
use service::Previewed;

use crate::answer::Fail;
use crate::call::Call;
use crate::clock::Clock;
use crate::views::confirm::{ConfirmDetail, ConfirmLine};
use crate::views::frame::{Moment, counted};

/// Most lines of a preview that are shown.
const LINES_MAX: usize = 30;
/// Most users of a line who are named.
const LOGINS_MAX: usize = 50;
/// Most users of a line of whom it is asked whether they are seen.
const ASKED_MAX: usize = 1_000;

/// Whether it is about questions that name no application alone, where the same is said of one that is named:
/// whoever works with pages asks none.
fn says_nothing_new(line: &PreviewLine, all: &[PreviewLine]) -> bool {
    let named = |line: &PreviewLine| match &line.what {
        What::Access { contexts, .. } => contexts.applications() != Applications::NONE,
        _ => true,
    };
    let alike = |other: &PreviewLine| {
        matches!(other.what, What::Access { .. }) && other.users == line.users && other.gain() == line.gain()
    };
    !named(line) && all.iter().any(|other| named(other) && alike(other))
}

/// The lines of a preview; the last ones say how much is left out. Users are named whom whoever asks sees.
pub(crate) fn lines(call: &Call, previewed: &Previewed) -> Result<Vec<ConfirmLine>, Fail> {
    let subject = *call.session()?.who.subject();
    let login = |id: UserId| {
        let before = &previewed.before;
        // Somebody who is made by it is no secret to whoever makes them.
        let seen = before.user(id).is_none() || before.sees_user(&subject, id, previewed.now);
        seen.then(|| previewed.after.user(id).map(|user| user.login())).flatten()
    };
    let all = previewed.preview.lines_for_people();
    let lines: Vec<&PreviewLine> = all.iter().filter(|line| !says_nothing_new(line, &all)).collect();
    let mut said: Vec<ConfirmLine> =
        lines.iter().take(LINES_MAX).map(|line| told(line, (previewed, call.clock()), &login)).collect();
    if lines.len() > LINES_MAX {
        said.push(format!("And {} more lines.", lines.len() - LINES_MAX).into());
    }
    if previewed.preview.beyond() > 0 {
        let beyond = previewed.preview.beyond();
        said.push(format!("{beyond} more users are touched and were not examined.").into());
    }
    let intricate = previewed.preview.too_intricate().len();
    if intricate > 0 {
        let users = counted(intricate, "user");
        said.push(format!("{users} have grants too intricate to be compared.").into());
    }
    Ok(said)
}

/// A line with what it counts; one user is named.
fn told(
    line: &PreviewLine,
    (previewed, clock): (&Previewed, &Clock),
    login: &impl Fn(UserId) -> Option<String>,
) -> ConfirmLine {
    let after = &previewed.after;
    let said = Preview::sentence_of(line, after, |at| Moment::of(at.0, clock).text);
    let mut details = Vec::new();
    if line.permissions().len() > NAMED_MAX {
        let names = line.permissions().iter().map(|id| after.permissions().name(*id).to_owned());
        let title = counted(line.permissions().len(), "permission");
        details.push(ConfirmDetail { title, names: names.collect(), more: 0 });
    }
    let sentence = match line.users.as_slice() {
        [one] => login(*one).map_or_else(|| said.clone(), |login| said.replacen("1 user", &login, 1)),
        users => {
            let asked = users.iter().take(ASKED_MAX).filter_map(|id| login(*id));
            let names: Vec<String> = asked.take(LOGINS_MAX).collect();
            let (title, more) = (counted(users.len(), "user"), users.len() - names.len());
            details.push(ConfirmDetail { title, names, more });
            said
        }
    };
    ConfirmLine { sentence: format!("{sentence}."), details }
}
