//! Decisions a second, in turns with the floor.

use super::company::{Company, NOW};
use super::floor::Ask;
use super::stage::{Failure, Stage};
use crate::table::verdict;
use crate::timing::Rounds;
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
        true => Amount { rounds: 21, questions: 20_000 },
        false => Amount { rounds: 101, questions: 20_000 },
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

/// A stream of questions of which each depends on the last answer.
fn stream(stage: &Stage, amount: Amount, round: usize, mut answer: impl FnMut(&Ask) -> bool) -> usize {
    let (mut state, mut last) = (round as u64 * 0x1000, false);
    for _ in 0..amount.questions {
        let ask = stage.next(&mut state, last);
        last = answer(&ask);
    }
    black_box(state);
    amount.questions
}

fn engine(stage: &Stage, ask: &Ask, application: Option<Application>) -> bool {
    stage.question(ask, application).is_some_and(|q| stage.snapshot.allows(&q, NOW))
}

fn by_handle(stage: &Stage, amount: Amount) -> Vec<Line> {
    let rounds = Rounds::of(
        amount.rounds,
        [
            &mut |round| stream(stage, amount, round, |ask| stage.floor.allows(ask, NOW)),
            &mut |round| stream(stage, amount, round, |ask| engine(stage, ask, None)),
            &mut |round| stream(stage, amount, round, |ask| grounds(stage, ask)),
            &mut |round| stream(stage, amount, round, |ask| black_box(ask).user == 0),
        ],
    );
    let batches = batches(stage, amount);
    let single = batches.median(0);
    let times = rounds.median_of(|r| r[1] / r[0]);
    let faster = batches.median_of(|r| r[0] / r[1]);
    vec![
        Line {
            question: "by handle",
            ns: rounds.median(1),
            beside: "bare floor",
            beside_ns: Some(rounds.median(0)),
            figure: format!("{times:.2} times the floor"),
            goal: format!("<= 1.5: {}", verdict(times <= 1.5)),
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
            ns: batches.median(1),
            beside: "one by one",
            beside_ns: Some(single),
            figure: format!("{faster:.2} times as fast"),
            goal: format!(">= 2: {}", verdict(faster >= 2.0)),
        },
    ]
}

fn grounds(stage: &Stage, ask: &Ask) -> bool {
    stage.question(ask, None).is_some_and(|q| black_box(stage.snapshot.decide(&q, NOW)).allowed)
}

/// Prepared questions, first one by one, the place of the next moved by the last answer, then at once.
fn batches(stage: &Stage, amount: Amount) -> Rounds<2> {
    let mut state = 0x00ba_7c4e;
    let prepared: Vec<Question> = std::iter::repeat_with(|| stage.next(&mut state, false))
        .take(amount.questions / BATCH * BATCH + 1)
        .filter_map(|ask| stage.question(&ask, None))
        .collect();
    let many = prepared.len() - 1;
    Rounds::of(
        amount.rounds,
        [
            &mut |_| {
                let mut last = false;
                for place in 0..many {
                    last = stage.snapshot.allows(&prepared[place + usize::from(last)], NOW);
                }
                black_box(last);
                many
            },
            &mut |_| {
                for batch in prepared[..many].chunks(BATCH) {
                    black_box(stage.snapshot.allows_many(batch, NOW));
                }
                many
            },
        ],
    )
}

fn in_application(stage: &Stage, amount: Amount) -> Line {
    const OMC: usize = 0;
    let rounds = Rounds::of(
        amount.rounds,
        [
            &mut |round| stream(stage, amount, round, |ask| stage.floor.allows_in(ask, OMC, NOW)),
            &mut |round| stream(stage, amount, round, |ask| engine(stage, ask, Some(Application::ALL[OMC]))),
        ],
    );
    let times = rounds.median_of(|r| r[1] / r[0]);
    Line {
        question: "by handle, in an application",
        ns: rounds.median(1),
        beside: "bare floor",
        beside_ns: Some(rounds.median(0)),
        figure: format!("{times:.2} times the floor"),
        goal: format!("<= 1.5: {}", verdict(times <= 1.5)),
    }
}

/// Both write the login; one of them looks it up, the other knows the handle.
fn by_login(stage: &Stage, amount: Amount) -> Line {
    let asked = |ask: &Ask, user: Option<UserId>| {
        let question = user.and_then(|user| stage.question_of(user, ask, None));
        question.is_some_and(|q| stage.snapshot.allows(&q, NOW))
    };
    let (mut first, mut second) = (Vec::with_capacity(64), Vec::with_capacity(64));
    let write = |ask: &Ask, to: &mut Vec<u8>| {
        Company::login(ask.user, to);
        black_box(to.len());
    };
    let rounds = Rounds::of(
        amount.rounds,
        [
            &mut |round| {
                stream(stage, amount, round, |ask| {
                    write(ask, &mut first);
                    asked(ask, access::Number::from_number(ask.user))
                })
            },
            &mut |round| {
                stream(stage, amount, round, |ask| {
                    write(ask, &mut second);
                    let text = std::str::from_utf8(&second).unwrap_or_default();
                    asked(ask, stage.snapshot.find_user(text))
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
        goal: format!("<= 300 more: {}", verdict(more <= 300.0)),
    }
}
