//! What an answer tells, as far as whoever asks may hear it.

use access::decide::Grounds;
use access::explain::{Explanation, Opinion, Verdict};
use access::{Place, Question, Resource};

use super::{Desk, Told};
use crate::answer::sentence;
use crate::views::explain::{ExplainAnswer, OpinionRow};

/// Most grants that are shown.
const OPINIONS_MAX: usize = 50;
/// Most people who are named.
const GIVERS_MAX: usize = 3;

impl Desk<'_> {
    pub(super) fn answered(
        &self,
        question: &Question,
        explanation: &Explanation,
        told: Told,
    ) -> ExplainAnswer {
        let (inquiry, on) = (self.inquiry, self.inquiry.snapshot());
        let opinions = if told == Told::Everything { &explanation.opinions[..] } else { &[] };
        let allowed = explanation.decision.allowed;
        // No grant lets anybody in who is not active; of whoever is not seen, that is not told.
        let inactive = told != Told::Decision && explanation.decision.grounds == Grounds::Inactive;
        let mended = !allowed && !inactive;
        let givers = if mended { inquiry.givers(question, GIVERS_MAX) } else { Vec::new() };
        // Whoever is not seen is not named either: what was typed may be no login.
        let known = on.user(question.user).filter(|_| told != Told::Decision);
        let sees = self.sees_users && on.sees_user(self.subject, question.user, inquiry.now());
        ExplainAnswer {
            allowed,
            user: known.map(|user| user.login()),
            user_id: known.filter(|_| sees).map(|_| question.user.to_string()),
            sentence: self.why(question, explanation, told),
            opinions: opinions.iter().take(OPINIONS_MAX).map(|one| self.row(question, one)).collect(),
            total: opinions.len(),
            givers: givers.into_iter().filter_map(|user| on.user(user)).map(|user| user.login()).collect(),
            revision: on.revision().to_string(),
        }
    }

    /// Why, as far as it is told: of somebody who is seen, that they are not active and a grant that is seen.
    fn why(&self, question: &Question, explanation: &Explanation, told: Told) -> String {
        let on = self.inquiry.snapshot();
        let decision = &explanation.decision;
        let is_told = match (told, decision.grounds) {
            (Told::Everything, _) | (Told::Seen, Grounds::Inactive) => true,
            (Told::Seen, Grounds::Granted { grant }) => {
                let seen = on.grants_seen(self.subject, question.user, self.inquiry.now()).seen;
                seen.iter().any(|one| one.id == grant)
            }
            _ => false,
        };
        if is_told {
            let why = self.inquiry.sentence(question, decision);
            // What begins with the key of a role begins as that does.
            return if decision.allowed { format!("{why}.") } else { sentence(&why) };
        }
        let permission = on.permissions().name(question.permission);
        let may = if decision.allowed { "A grant" } else { "No grant" };
        let unseen = "You do not see this user: there may be none of this login.";
        match told {
            Told::Decision => format!("{may} of the user allows {permission} there. {unseen}"),
            _ => format!("{may} of the user allows {permission} there."),
        }
    }

    fn row(&self, question: &Question, opinion: &Opinion) -> OpinionRow {
        let on = self.inquiry.snapshot();
        let place = match question.resource {
            Resource::Thing { place, .. } => place,
            Resource::User(_) => Place::default(),
        };
        let role = on.role(opinion.grant.spec.role);
        OpinionRow {
            grant: opinion.grant.id.to_string(),
            role: role.map_or_else(|| "?".to_owned(), |role| role.label.to_string()),
            role_key: role.filter(|_| self.sees_roles).map(|role| role.key.to_string()),
            scope: on.scope_named(&opinion.grant.spec.scope),
            allows: opinion.verdict == Verdict::Allows,
            verdict: words(opinion.verdict, &place),
        }
    }
}

fn words(verdict: Verdict, place: &Place) -> &'static str {
    match verdict {
        Verdict::Allows => "allows it",
        Verdict::ApplicationClosed => "would allow it, but the user may not come in",
        Verdict::NotNow => "would allow it at another time",
        Verdict::OtherApplication => "would allow it in another application",
        Verdict::OtherChannel if place.channel.is_none() => {
            "holds it for some sales channels, and this is of none"
        }
        Verdict::OtherChannel => "holds it for other sales channels",
        Verdict::OtherLocation if place.location.is_none() => {
            "holds it at some locations, and this is at none"
        }
        Verdict::OtherLocation => "holds it at other locations",
        Verdict::OtherRetailer if place.retailer.is_none() => "holds it at some sites, and this is of none",
        Verdict::OtherRetailer => "holds it at other sites",
        Verdict::OtherUsers => "holds it over other users",
        Verdict::NotHeld => "does not hold the permission",
    }
}
