//! Sign-ins over HTTP beside Argon2id alone, decisions while they go on, and what a request costs by Basic and by token.

use crate::timing::{median, timed};
use authn::{NewPassword, Parameters, PasswordHasher, Proxies};
use server::{Running, ServeOptions};
use service::ops::{ClientOp, GrantNames, InitOp, Op, Request, RetailerOp, ScopeNames, UserOp};
use service::{Service, Target};
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use store::SystemIds;

type Outcome<T> = Result<T, Box<dyn Error>>;

const ADMIN: &str = "ann@bench.example";
const PASSWORD: &str = "seven quiet lamps";
/// Sign-ins under way at a time.
const CONNECTIONS: usize = 200;
/// Users who sign in in one round: each password is hashed once, as a second time it is remembered.
const USERS: usize = 600;
const ROUNDS: usize = 3;
/// Connections that ask for decisions meanwhile.
const ASKING: usize = 2;
const SECONDS: u64 = 3;
/// Between two decisions of a connection.
const PAUSE: Duration = Duration::from_millis(2);

/// Runs `sign-ins`.
pub(crate) fn run() -> Outcome<()> {
    let folder = Folder(std::env::temp_dir().join(format!("keyward-sign-ins-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0)?;
    let options = ServeOptions {
        target: Target::Directory(folder.0.clone()),
        socket_folder: None,
        listen: "127.0.0.1:0".parse()?,
        base_url: None,
        sign_in: Default::default(),
        proxies: Proxies::default(),
        bench_floor: false,
    };
    let server = server::start(&options, |_| Ok(()))?;
    println!("making {} users with passwords of Argon2id, 19 MiB, 2 passes ...", USERS * ROUNDS);
    company(server.service())?;
    measure(&server)?;
    server.stop();
    Ok(())
}

fn measure(server: &Running) -> Outcome<()> {
    let at = server.address();
    let hashers = std::thread::available_parallelism()?.get();
    let (mut alone, mut signed, mut p99s) = (Vec::new(), Vec::new(), Vec::new());
    // Both sides in turn, so that the noise of the machine falls on both.
    for round in 0..ROUNDS {
        alone.push(hashes_a_second(hashers)?);
        let quiet = decisions(at, &AtomicBool::new(false), Some(SECONDS))?;
        let (rate, busy) = flood(at, round)?;
        signed.push(rate);
        p99s.push((
            quantile(&quiet, 0.99),
            quantile(&busy, 0.5),
            quantile(&busy, 0.99),
            quantile(&busy, 1.0),
        ));
    }
    let ratio = median(signed.iter().zip(&alone).map(|(signed, alone)| signed / alone));
    println!("Argon2id alone, {hashers} threads: {:.1} hashes/s", median(alone.iter().copied()));
    println!(
        "sign-ins, {CONNECTIONS} at once: {:.1}/s, median ratio of {ROUNDS} rounds {ratio:.3}",
        median(signed.iter().copied())
    );
    let of = |figure: &dyn Fn(&(f64, f64, f64, f64)) -> f64| median(p99s.iter().map(figure));
    println!(
        "decisions, {ASKING} connections: p99 {:.2} ms without sign-ins; during them p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
        of(&|p| p.0),
        of(&|p| p.1),
        of(&|p| p.2),
        of(&|p| p.3)
    );
    compare(at)
}

/// How many passwords so many threads compare in a second, and nothing else.
fn hashes_a_second(threads: usize) -> Outcome<f64> {
    let hasher = PasswordHasher::new(Parameters::default());
    let hash = hasher.hash(&NewPassword::parse(PASSWORD)?, &SystemIds)?;
    let (done, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (took, ()) = timed(|| {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        assert!(hasher.verify(PASSWORD, &hash).unwrap_or(false), "a password that is right");
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            std::thread::sleep(Duration::from_secs(SECONDS));
            stop.store(true, Ordering::Relaxed);
        });
    });
    Ok(done.load(Ordering::Relaxed) as f64 / took.as_secs_f64())
}

/// Everybody of a round signs in, so many at a time; sign-ins a second, and how long decisions took meanwhile.
fn flood(at: SocketAddr, round: usize) -> Outcome<(f64, Vec<f64>)> {
    let (next, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| decisions(at, &over, None).map_err(|e| e.to_string()));
        let (took, outcomes) = timed(|| {
            std::thread::scope(|signing| {
                let threads: Vec<_> = (0..CONNECTIONS)
                    .map(|_| signing.spawn(|| sign_in_all(at, round, &next).map_err(|e| e.to_string())))
                    .collect();
                threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
            })
        });
        over.store(true, Ordering::Relaxed);
        for outcome in outcomes {
            outcome.map_err(|_| "a thread ended early")??;
        }
        let asked = asking.join().map_err(|_| "a thread ended early")??;
        Ok((USERS as f64 / took.as_secs_f64(), asked))
    })
}

fn sign_in_all(at: SocketAddr, round: usize, next: &AtomicUsize) -> Outcome<()> {
    let mut connection = Connection::open(at)?;
    loop {
        let user = next.fetch_add(1, Ordering::Relaxed);
        if user >= USERS {
            return Ok(());
        }
        let body =
            format!(r#"{{"site_id":"north","user_id":"{}","password":"{PASSWORD}"}}"#, login(round, user));
        loop {
            let (status, answer) = connection.post("/v2/login", "", &body)?;
            match status {
                200 => break,
                // Whoever is told to come again does.
                429 | 503 => std::thread::sleep(Duration::from_millis(200)),
                _ => return Err(format!("{status}: {answer}").into()),
            }
        }
    }
}

/// How long decisions take, in milliseconds, sorted; until it is over, or for so many seconds.
fn decisions(at: SocketAddr, over: &AtomicBool, seconds: Option<u64>) -> Outcome<Vec<f64>> {
    let header = format!("Authorization: Basic {}\r\n", encoded(&format!("{ADMIN}:{PASSWORD}")));
    let body = r#"{"subject":{"type":"user","id":"ann@bench.example"},"action":{"name":"ORDER_VIEW"},"resource":{"type":"order","id":"any","properties":{"retailer":"north","channel":"web"}}}"#;
    let all = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..ASKING)
            .map(|_| {
                let (header, body) = (&header, &body);
                scope.spawn(move || {
                    let ask = || -> Outcome<Vec<f64>> {
                        let (mut connection, mut took) = (Connection::open(at)?, Vec::new());
                        let mut spent = Duration::ZERO;
                        while !over.load(Ordering::Relaxed) && seconds.is_none_or(|s| spent.as_secs() < s) {
                            let (one, answer) =
                                timed(|| connection.post("/access/v1/evaluation", header, body));
                            let (status, text) = answer?;
                            if status != 200 {
                                return Err(format!("{status}: {text}").into());
                            }
                            spent += one + PAUSE;
                            // Paced: whoever asks without a pause takes the cores that sign-ins are to have.
                            std::thread::sleep(PAUSE);
                            took.push(one.as_secs_f64() * 1_000.0);
                        }
                        Ok(took)
                    };
                    ask().map_err(|e| e.to_string())
                })
            })
            .collect();
        threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    let mut took = Vec::new();
    for one in all {
        took.extend(one.map_err(|_| "a thread ended early")??);
    }
    took.sort_by(f64::total_cmp);
    Ok(took)
}

/// Decisions a second by Basic and by an access token, in turns on one connection.
fn compare(at: SocketAddr) -> Outcome<()> {
    let mut connection = Connection::open(at)?;
    let login = format!(r#"{{"site_id":"north","user_id":"{ADMIN}","password":"{PASSWORD}"}}"#);
    let (_, answer) = connection.post("/v2/login", "", &login)?;
    let token = answer.split('"').find(|word| word.starts_with("kwa_")).ok_or("no token")?.to_owned();
    let headers = [
        format!("Authorization: Basic {}\r\n", encoded(&format!("{ADMIN}:{PASSWORD}"))),
        format!("Authorization: Bearer {token}\r\n"),
    ];
    let body = r#"{"subject":{"type":"user","id":"ann@bench.example"},"action":{"name":"ORDER_VIEW"},"resource":{"type":"order","id":"any","properties":{"retailer":"north","channel":"web"}}}"#;
    let (mut ratios, mut rates) = (Vec::new(), [Vec::new(), Vec::new()]);
    for round in 0..=10 {
        let mut rate = [0.0; 2];
        for turn in 0..2 {
            let who = (turn + round) % 2;
            let (took, done) = timed(|| -> Outcome<()> {
                for _ in 0..5_000 {
                    if connection.post("/access/v1/evaluation", &headers[who], body)?.0 != 200 {
                        return Err("no decision".into());
                    }
                }
                Ok(())
            });
            done?;
            rate[who] = 5_000.0 / took.as_secs_f64();
        }
        if round > 0 {
            ratios.push(rate[0] / rate[1]);
            rates[0].push(rate[0]);
            rates[1].push(rate[1]);
        }
    }
    println!(
        "one connection: {:.0} decisions/s by Basic, {:.0} by token, median ratio of 10 pairs {:.3}",
        median(rates[0].iter().copied()),
        median(rates[1].iter().copied()),
        median(ratios.into_iter())
    );
    Ok(())
}

fn company(service: &Service) -> Outcome<()> {
    let perform = |op: Op| service.perform(&Request { account: Some("bench".into()), op }, &mut |_, _, _| ());
    perform(Op::Init(InitOp { name: None, admin_login: ADMIN.into(), password: Some(PASSWORD.into()) }))?;
    let name = None;
    perform(Op::Retailer(RetailerOp::Create { key: "north".into(), name, default_channel: "web".into() }))?;
    perform(Op::Client(ClientOp::Create { r#ref: "bench".into(), name: None, retailer: "north".into() }))?;
    for round in 0..ROUNDS {
        for user in 0..USERS {
            let scope = ScopeNames { retailers: vec!["north".into()], ..ScopeNames::default() };
            let grant = GrantNames { role: "api_user".into(), scope, valid_from: None, valid_until: None };
            perform(Op::User(UserOp::Create {
                login: login(round, user),
                name: None,
                email: None,
                language: None,
                time_zone: None,
                system: false,
                application: true,
                sso: None,
                grants: vec![grant],
                password: Some(PASSWORD.into()),
            }))?;
        }
    }
    Ok(())
}

fn login(round: usize, user: usize) -> String {
    format!("app-{round}-{user}")
}

fn quantile(sorted: &[f64], q: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((sorted.len() as f64 * q) as usize).or(sorted.get(last)).copied().unwrap_or(f64::NAN)
}

struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(at: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(at)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self(BufReader::new(stream)))
    }

    fn post(&mut self, path: &str, headers: &str, body: &str) -> Outcome<(u16, String)> {
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\n{headers}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.0.get_mut().write_all(request.as_bytes())?;
        let (mut status, mut length, mut line) = (0, 0, String::new());
        loop {
            line.clear();
            self.0.read_line(&mut line)?;
            let text = line.trim_end().to_ascii_lowercase();
            if text.is_empty() {
                break;
            }
            if status == 0 {
                status = text.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
            } else if let Some(bytes) = text.strip_prefix("content-length:") {
                length = bytes.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        self.0.read_exact(&mut answer)?;
        Ok((status, String::from_utf8_lossy(&answer).into_owned()))
    }
}

/// A folder that goes with the value.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn encoded(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}
