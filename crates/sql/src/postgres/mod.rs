//! PostgreSQL: a pool of connections and whole-transaction retry.

mod convert;
mod fault;
mod session;

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use postgres::config::Host;
use postgres::{Config, NoTls};

use crate::error::{Fault, SqlError};
use crate::limits::{LOSSES_MAX, PG_CONNECT_S_MAX, RETRY_PAUSE_MS_MAX, Settings, WRITE_RETRIES_MAX};
use crate::pool::Pool;
use crate::tx::{Driver, Mode, Tx};
pub(crate) use convert::cell;
use session::Connection;
pub(crate) use session::Session;

/// An open PostgreSQL database.
pub(crate) struct Postgres {
    pool: Pool<Connection>,
    /// Held by a writer that is being run again: losers of a race take turns instead of racing once more. Of one
    /// who lost [`LOSSES_MAX`] times nobody wins again, on no node: it runs alone.
    second_try: Mutex<()>,
}

/// How one run of a closure ended.
enum Run<T, E> {
    Done(Result<T, E>),
    /// Rolled back by the server because of other writers.
    Lost(SqlError),
}

impl Postgres {
    pub(crate) fn connect(url: &str, settings: &Settings) -> Result<Self, SqlError> {
        let config = parse(url)?;
        let session = session_settings(settings);
        let pool = Pool::new(settings, move || open(&config, &session));
        let permit = pool.permit()?;
        let (connection, _) = permit.connection()?;
        permit.put(connection);
        Ok(Self { pool, second_try: Mutex::new(()) })
    }

    pub(crate) fn read<T, E: From<SqlError>>(
        &self,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        match self.run(Mode::Read, body)? {
            Run::Done(answer) => answer,
            Run::Lost(error) => Err(E::from(error)),
        }
    }

    pub(crate) fn write<T, E: From<SqlError>>(
        &self,
        body: impl Fn(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut turn = None;
        for retry in 0..=WRITE_RETRIES_MAX {
            let mode = if retry < LOSSES_MAX { Mode::Write } else { Mode::WriteAlone };
            let message = match self.run(mode, &body)? {
                Run::Done(answer) => return answer,
                Run::Lost(SqlError::Conflict { message, .. }) => message,
                Run::Lost(error) => return Err(E::from(error)),
            };
            if retry == WRITE_RETRIES_MAX {
                return Err(E::from(SqlError::Conflict { attempts: retry + 1, message }));
            }
            turn.get_or_insert_with(|| self.second_try.lock().unwrap_or_else(PoisonError::into_inner));
            thread::sleep(pause(retry));
        }
        Err(E::from(SqlError::Conflict { attempts: 0, message: "no attempt was allowed".to_owned() }))
    }

    /// Runs `body` once. A connection that turns out to be dead when the transaction begins is replaced: the
    /// closure has not run then.
    fn run<T, E: From<SqlError>>(
        &self,
        mode: Mode,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<Run<T, E>, SqlError> {
        let permit = self.pool.permit()?;
        loop {
            let (mut connection, is_new) = permit.connection()?;
            let session = match connection.begin(mode) {
                Ok(session) => session,
                Err(fault) if is_new || !matches!(fault.error, SqlError::Unavailable(_)) => {
                    return Err(fault.error);
                }
                Err(_) => continue,
            };
            let (run, is_sound) = conclude(session, mode, body);
            // A connection that is not put back is closed, which lets the others write again, too.
            if is_sound && (mode != Mode::WriteAlone || connection.let_others_write()) {
                permit.put(connection);
            }
            return Ok(run);
        }
    }
}

/// Runs `body` and ends its transaction; `true` says that the connection can be used again.
fn conclude<T, E: From<SqlError>>(
    session: Session<'_>,
    mode: Mode,
    body: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> (Run<T, E>, bool) {
    let mut tx = Tx::new(Driver::Postgres(session), mode);
    let answer = body(&mut tx);
    let (driver, failed) = tx.into_parts();
    let Driver::Postgres(session) = driver else { return (Run::Done(answer), false) };
    let ended = match (&answer, &failed) {
        (Ok(_), None) => session.commit(),
        _ => session.rollback(),
    };
    // After a refused statement a prepared one may be stale (the schema changed): start afresh.
    let is_sound = ended.is_ok() && !matches!(&failed, Some(Fault { error: SqlError::Statement(_), .. }));
    let fault = match (failed, ended) {
        (Some(fault), _) => fault,
        (None, Err(fault)) if answer.is_ok() && mode != Mode::Read => fault,
        _ => return (Run::Done(answer), is_sound),
    };
    if fault.retry {
        return (Run::Lost(fault.error), is_sound);
    }
    (Run::Done(answer.and(Err(E::from(fault.error)))), is_sound)
}

/// A short pause that grows with every retry.
fn pause(retry: u32) -> Duration {
    Duration::from_millis(u64::from(retry * retry).min(RETRY_PAUSE_MS_MAX))
}

fn parse(url: &str) -> Result<Config, SqlError> {
    let wrong = |why: &str| {
        SqlError::Unavailable(format!(
            "the database URL {why}; expected postgres://user:password@host:port/name"
        ))
    };
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(wrong("does not begin with postgres://"));
    }
    // Neither the URL nor the parser's complaint is repeated: both may hold the password.
    let mut config: Config = url.parse().map_err(|_| wrong("cannot be read"))?;
    let at_sign = |host: &Host| matches!(host, Host::Tcp(name) if name.contains('@'));
    if config.get_hosts().iter().any(at_sign) {
        return Err(wrong("has an @ in its user or password, to be written %40"));
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(PG_CONNECT_S_MAX));
    }
    if config.get_application_name().is_none() {
        config.application_name("keyward");
    }
    Ok(config)
}

fn open(config: &Config, session: &str) -> Result<Connection, SqlError> {
    let unavailable = |error: &postgres::Error| {
        let message = match error.as_db_error() {
            Some(refusal) => refusal.message().to_owned(),
            None => fault::lost(error),
        };
        SqlError::Unavailable(format!("{}: {message}", target(config)))
    };
    let mut client = config.connect(NoTls).map_err(|error| unavailable(&error))?;
    client.batch_execute(session).map_err(|error| unavailable(&error))?;
    Ok(Connection::new(client))
}

/// Bounds and habits of every session. A server that acknowledges commits before they are durable is told not
/// to; `lock_timeout` keeps a forgotten lock from holding us for the whole statement.
fn session_settings(settings: &Settings) -> String {
    let Settings { lock_ms_max, statement_ms_max, .. } = settings;
    format!(
        "SET statement_timeout = {statement_ms_max}; SET lock_timeout = {lock_ms_max};
        SET idle_in_transaction_session_timeout = {statement_ms_max};
        SET default_transaction_isolation = 'serializable'; SET timezone = 'UTC';
        SET standard_conforming_strings = on; SET client_min_messages = warning; SET jit = off;
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';"
    )
}

/// Where a configuration leads, without user and password.
fn target(config: &Config) -> String {
    let hosts = config.get_hosts().iter().enumerate().map(|(index, host)| {
        let ports = config.get_ports();
        let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) => format!("{name}:{port}"),
            Host::Unix(path) => format!("{}:{port}", path.display()),
        }
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    format!("PostgreSQL at {hosts}, database `{}`", config.get_dbname().unwrap_or("(that of the user)"))
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A client ends a small runtime of its own, which panics on an async thread; elsewhere it does not.
        let idle = self.pool.drain();
        if let Ok(closing) = thread::Builder::new().spawn(move || drop(idle)) {
            // The closing thread has no result worth more than having waited for it.
            let _ = closing.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_urls_are_refused_without_showing_the_password() {
        for url in ["mysql://u:secret@h/d", "postgres://u:sec@ret@h/d", "postgres://u:secret@h:port/d"] {
            let message = parse(url).err().map(|error| error.to_string()).unwrap();
            assert!(message.contains("postgres://user:password@host:port/name"), "{message}");
            assert!(!message.contains("sec"), "{message}");
        }
    }

    #[test]
    fn target_names_host_and_database_only() {
        let config = parse("postgres://u:secret@h:5/d").unwrap();
        assert_eq!(target(&config), "PostgreSQL at h:5, database `d`");
    }
}
