//! Decisions a second, in turns with the floor.

use super::company::{Company, NOW};
use super::floor::Ask;
use super::stage::{Failure, Stage};
use crate::table::verdict;
use crate::timing::{Rounds, mix, ns_each};
use access::{Application, Question, UserId};
use std::hint::black_box;

/// A row of the table.
pub(crate) struct Line {
    pub(crate) question: &'static str,
    pub(crate) ns: f64,
    pub(crate) beside: &'static str,
    pub(crate) beside_ns: Option<f64>,
    pub(crate) figure: String,
    pub(crate) goal: String,
}

/// How much is asked.
#[derive(Clone, Copy)]
struct Amount {
    rounds: usize,
    questions: usize,
}

/// Independent questions that are asked at once.
const BATCH: usize = 1_000;

pub(crate) fn measure(stage: &Stage, quick: bool) -> Result<Vec<Line>, Failure> {
    let amount = match quick {
        true => Amount { rounds: 31, questions: 10_000 },
        false => Amount { rounds: 201, questions: 10_000 },
    };
    let allowed = same_answers(stage, if quick { 200_000 } else { 2_000_000 })?;
    eprintln!("  same answers; {:.1}% of the questions are allowed", allowed * 100.0);
    let mut lines = by_handle(stage, amount);
    lines.push(in_application(stage, amount));
    lines.push(by_login(stage, amount));
    Ok(lines)
}

/// Asks both the same questions, also in an application, one by one and at once. The part that is allowed.
fn same_answers(stage: &Stage, questions: usize) -> Result<f64, Failure> {
    let (mut state, mut answer, mut allowed) = (1, false, 0);
    let mut batch: Vec<Question> = Vec::new();
    let mut answers = Vec::new();
    for number in 0..questions {
        let ask = stage.next(&mut state, answer);
        let in_application = number % 4;
        let application = Application::ALL.get(in_application).copied();
        let question = stage.question(&ask, application).ok_or("a question without a handle")?;
        let floor = match application {
            Some(_) => stage.floor.allows_in(&ask, in_application, NOW),
            None => stage.floor.allows(&ask, NOW),
        };
        answer = stage.snapshot.allows(&question, NOW);
        let decided = stage.snapshot.decide(&question, NOW).allowed;
        if floor != answer || decided != answer {
            return Err(format!(
                "answers differ: floor {floor}, engine {answer}, with grounds {decided}: {ask:?} {application:?}"
            )
            .into());
        }
        allowed += usize::from(answer);
        batch.push(question);
        answers.push(answer);
        if batch.len() == BATCH {
            if stage.snapshot.allows_many(&batch, NOW) != answers {
                return Err("answers given at once differ from those given one by one".into());
            }
            batch.clear();
            answers.clear();
        }
    }
    Ok(allowed as f64 / questions as f64)
}

/// A stream of questions of which each depends on the last answer: nanoseconds a question.
fn stream(stage: &Stage, amount: Amount, seed: u64, mut answer: impl FnMut(&Ask) -> bool) -> f64 {
    let (mut state, mut last) = (mix(seed), false);
    ns_each(amount.questions, || {
        for _ in 0..amount.questions {
            let ask = stage.next(&mut state, last);
            last = answer(&ask);
        }
        black_box(state);
    })
}

fn engine(stage: &Stage, ask: &Ask, application: Option<Application>) -> bool {
    stage.question(ask, application).is_some_and(|q| stage.snapshot.allows(&q, NOW))
}

/// The goals are set for a million users: below that, memory is no longer what is waited for.
fn goal(stage: &Stage, text: &str, met: bool) -> String {
    match stage.company.users {
        1_000_000.. => format!("{text}: {}", verdict(met)),
        _ => String::new(),
    }
}

fn by_handle(stage: &Stage, amount: Amount) -> Vec<Line> {
    let rounds = Rounds::of(
        amount.rounds,
        [
            &mut |seed| stream(stage, amount, seed, |ask| stage.floor.allows(ask, NOW)),
            &mut |seed| stream(stage, amount, seed, |ask| engine(stage, ask, None)),
            &mut |seed| stream(stage, amount, seed, |ask| grounds(stage, ask)),
            &mut |seed| stream(stage, amount, seed, |ask| black_box(ask).user == 0),
            &mut |seed| at_once(stage, amount, seed),
        ],
    );
    let times = rounds.median_of(|r| r[1] / r[0]);
    let faster = rounds.median_of(|r| (r[1] - r[3]) / r[4]);
    vec![
        Line {
            question: "by handle",
            ns: rounds.median(1),
            beside: "bare floor",
            beside_ns: Some(rounds.median(0)),
            figure: format!("{times:.2} times the floor"),
            goal: goal(stage, "<= 1.5", times <= 1.5),
        },
        Line {
            question: "of that, making the question",
            ns: rounds.median(3),
            beside: "",
            beside_ns: None,
            figure: format!(
                "{:.2} times the floor without it",
                rounds.median_of(|r| (r[1] - r[3]) / (r[0] - r[3]))
            ),
            goal: String::new(),
        },
        Line {
            question: "by handle, with grounds",
            ns: rounds.median(2),
            beside: "bare floor",
            beside_ns: Some(rounds.median(0)),
            figure: format!("{:.2} times the floor", rounds.median_of(|r| r[2] / r[0])),
            goal: String::new(),
        },
        Line {
            question: "1,000 at once",
            ns: rounds.median(4),
            beside: "by handle, without making it",
            beside_ns: Some(rounds.median_of(|r| r[1] - r[3])),
            figure: format!("{faster:.2} times as fast"),
            goal: goal(stage, ">= 2", faster >= 2.0),
        },
    ]
}

fn grounds(stage: &Stage, ask: &Ask) -> bool {
    stage.question(ask, None).is_some_and(|q| black_box(stage.snapshot.decide(&q, NOW)).allowed)
}

/// Independent questions, prepared, in batches: nanoseconds a question.
fn at_once(stage: &Stage, amount: Amount, seed: u64) -> f64 {
    let mut state = mix(seed);
    let asks = std::iter::repeat_with(|| stage.next(&mut state, false));
    let questions: Vec<Question> =
        asks.take(amount.questions).filter_map(|ask| stage.question(&ask, None)).collect();
    ns_each(amount.questions, || {
        for batch in questions.chunks(BATCH) {
            black_box(stage.snapshot.allows_many(batch, NOW));
        }
    })
}

fn in_application(stage: &Stage, amount: Amount) -> Line {
    const OMC: usize = 0;
    let rounds = Rounds::of(
        amount.rounds,
        [&mut |seed| stream(stage, amount, seed, |ask| stage.floor.allows_in(ask, OMC, NOW)), &mut |seed| {
            stream(stage, amount, seed, |ask| engine(stage, ask, Some(Application::ALL[OMC])))
        }],
    );
    let times = rounds.median_of(|r| r[1] / r[0]);
    Line {
        question: "by handle, in an application",
        ns: rounds.median(1),
        beside: "bare floor",
        beside_ns: Some(rounds.median(0)),
        figure: format!("{times:.2} times the floor"),
        goal: goal(stage, "<= 1.5", times <= 1.5),
    }
}

/// Both write the login; one of them looks it up, the other knows the handle.
fn by_login(stage: &Stage, amount: Amount) -> Line {
    let asked = |ask: &Ask, user: Option<UserId>| {
        let question = user.and_then(|user| stage.question_of(user, ask, None));
        question.is_some_and(|q| stage.snapshot.allows(&q, NOW))
    };
    let (mut first, mut second) = (Vec::with_capacity(64), Vec::with_capacity(64));
    fn written<'l>(ask: &Ask, to: &'l mut Vec<u8>) -> &'l str {
        Company::login(ask.user, to);
        black_box(std::str::from_utf8(to).unwrap_or_default())
    }
    let rounds = Rounds::of(
        amount.rounds,
        [
            &mut |seed| {
                stream(stage, amount, seed, |ask| {
                    written(ask, &mut first);
                    asked(ask, access::Number::from_number(ask.user))
                })
            },
            &mut |seed| {
                stream(stage, amount, seed, |ask| {
                    asked(ask, stage.snapshot.find_user(written(ask, &mut second)))
                })
            },
        ],
    );
    let more = rounds.median_of(|r| r[1] - r[0]);
    Line {
        question: "by login",
        ns: rounds.median(1),
        beside: "by handle, login written",
        beside_ns: Some(rounds.median(0)),
        figure: format!("{more:.0} ns more"),
        goal: goal(stage, "<= 300 more", more <= 300.0),
    }
}
