//! The decision engine: how fast it answers, beside a bare floor, and what it costs to keep and change.

mod change;
pub(crate) mod company;
mod decide;
mod floor;
mod load;
pub(crate) mod stage;

use crate::table::{Table, grouped, verdict};
use crate::timing::{median, timed};
use stage::{Failure, Stage};

struct Options {
    users: Vec<u32>,
    quick: bool,
}

/// Runs with the options that stand behind the command.
pub(crate) fn run(options: &[String]) -> Result<(), Failure> {
    let options = Options::parse(options)?;
    let mut tables = Tables::new();
    for users in &options.users {
        let (took, stage) = timed(|| Stage::of(*users));
        let stage = stage?;
        eprintln!("{} users, {} grants made in {:.1} s", users, stage.grants, took.as_secs_f64());
        tables.decisions(&stage, options.quick)?;
        tables.memory(&stage);
        tables.changes(&stage, options.quick)?;
        tables.loading(&stage, options.quick)?;
    }
    tables.print();
    Ok(())
}

impl Options {
    fn parse(options: &[String]) -> Result<Self, Failure> {
        let mut parsed = Self { users: vec![1_000, 100_000, 1_000_000], quick: false };
        let mut options = options.iter();
        while let Some(option) = options.next() {
            match option.as_str() {
                "--quick" => parsed.quick = true,
                "--users" => {
                    let list = options.next().ok_or("--users wants numbers, such as 1000,100000")?;
                    let number = |text: &str| {
                        let number: u32 =
                            text.parse().map_err(|_| format!("`{text}` is no number of users"))?;
                        let fits = (10..=4_000_000).contains(&number);
                        if fits { Ok(number) } else { Err(format!("{number} users: give 10 to 4,000,000")) }
                    };
                    parsed.users = list.split(',').map(number).collect::<Result<_, String>>()?;
                }
                other => {
                    return Err(format!("unknown option `{other}`: --users and --quick are known").into());
                }
            }
        }
        Ok(parsed)
    }
}

struct Tables {
    decisions: Table,
    memory: Table,
    changes: Table,
    loading: Table,
}

impl Tables {
    fn new() -> Self {
        Self {
            decisions: Table::new(&["users", "question", "ns a question", "beside", "ns", "figure", "goal"]),
            memory: Table::new(&[
                "users",
                "locations",
                "grants",
                "access and login bytes a user",
                "search bytes a user",
                "allocated a user",
                "goal",
            ]),
            changes: Table::new(&[
                "users",
                "change",
                "us, with the drop of the state before",
                "bytes",
                "goal",
            ]),
            loading: Table::new(&["users", "grants", "s to load from SQLite", "the longest", "goal"]),
        }
    }

    fn decisions(&mut self, stage: &Stage, quick: bool) -> Result<(), Failure> {
        for line in decide::measure(stage, quick)? {
            self.decisions.row([
                grouped(stage.company.users as usize),
                line.question.to_owned(),
                format!("{:.1}", line.ns),
                line.beside.to_owned(),
                line.beside_ns.map_or(String::new(), |ns| format!("{ns:.1}")),
                line.figure,
                line.goal,
            ]);
        }
        Ok(())
    }

    fn memory(&mut self, stage: &Stage) {
        let users = stage.company.users as usize;
        let (access, search) = stage.snapshot.user_bytes();
        let each = |bytes: usize| bytes as f64 / users as f64;
        let met = each(access) < 200.0 && each(search) <= 80.0;
        self.memory.row([
            grouped(users),
            grouped(stage.company.locations() as usize),
            grouped(stage.grants as usize),
            format!("{:.1}", each(access)),
            format!("{:.1}", each(search)),
            format!("{:.1}", each(stage.bytes.saturating_sub(stage.bytes_without_users))),
            format!("< 200 and <= 80: {}", verdict(met)),
        ]);
    }

    fn changes(&mut self, stage: &Stage, quick: bool) -> Result<(), Failure> {
        for line in change::measure(stage, quick)? {
            self.changes.row([
                grouped(stage.company.users as usize),
                line.change.to_owned(),
                format!("{:.2}", line.us),
                grouped(line.bytes),
                format!("< 50 us: {}", verdict(line.us < 50.0)),
            ]);
        }
        Ok(())
    }

    fn loading(&mut self, stage: &Stage, quick: bool) -> Result<(), Failure> {
        let seconds = load::measure(stage, if quick { 1 } else { 5 })?;
        let longest = seconds.iter().copied().fold(0.0, f64::max);
        let usual = median(seconds.into_iter());
        self.loading.row([
            grouped(stage.company.users as usize),
            grouped(stage.grants as usize),
            format!("{usual:.2}"),
            format!("{longest:.2}"),
            format!("< 5 s: {}", verdict(usual < 5.0)),
        ]);
        Ok(())
    }

    fn print(&self) {
        println!("Decisions\n");
        self.decisions.print();
        println!("Memory\n");
        self.memory.print();
        println!("A change to one user\n");
        self.changes.print();
        println!("Loading\n");
        self.loading.print();
    }
}
