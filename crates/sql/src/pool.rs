//! A small bounded pool of connections, for PostgreSQL and for the readers of a SQLite file.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::SqlError;
use crate::limits::Settings;

type Opener<C> = Box<dyn Fn() -> Result<C, SqlError> + Send + Sync>;

/// At most `max` connections; who comes when all are lent waits, and is told so after `wait`.
pub(crate) struct Pool<C> {
    state: Mutex<State<C>>,
    freed: Condvar,
    open: Opener<C>,
    max: usize,
    wait: Duration,
}

struct State<C> {
    idle: Vec<C>,
    lent: usize,
}

/// The right to hold one connection. A connection that is not [put back](Permit::put) is closed when its
/// owner drops it, so a panicking closure cannot return one in the middle of a transaction.
pub(crate) struct Permit<'a, C>(&'a Pool<C>);

impl<C> Pool<C> {
    pub(crate) fn new(
        settings: &Settings,
        open: impl Fn() -> Result<C, SqlError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            state: Mutex::new(State { idle: Vec::new(), lent: 0 }),
            freed: Condvar::new(),
            open: Box::new(open),
            max: settings.connections_max.max(1),
            wait: Duration::from_millis(settings.wait_ms_max),
        }
    }

    /// Waits for the right to hold a connection.
    pub(crate) fn permit(&self) -> Result<Permit<'_, C>, SqlError> {
        let all_lent = |state: &mut State<C>| state.lent >= self.max;
        let (mut state, _) = self
            .freed
            .wait_timeout_while(self.state(), self.wait, all_lent)
            .unwrap_or_else(PoisonError::into_inner);
        if state.lent >= self.max {
            let message =
                format!("all {} connections were in use for {} ms", self.max, self.wait.as_millis());
            return Err(SqlError::Locked(message));
        }
        state.lent += 1;
        Ok(Permit(self))
    }

    /// All idle connections, taken out.
    pub(crate) fn drain(&self) -> Vec<C> {
        std::mem::take(&mut self.state().idle)
    }

    fn state(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> Permit<'_, C> {
    /// The connection used last, or a new one; `true` says that it is new.
    pub(crate) fn connection(&self) -> Result<(C, bool), SqlError> {
        let idle = self.0.state().idle.pop();
        match idle {
            Some(connection) => Ok((connection, false)),
            None => Ok(((self.0.open)()?, true)),
        }
    }

    /// Gives a connection in good order to the next one.
    pub(crate) fn put(self, connection: C) {
        self.0.state().idle.push(connection);
    }
}

impl<C> Drop for Permit<'_, C> {
    fn drop(&mut self) {
        self.0.state().lent -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(max: usize) -> Pool<u32> {
        let settings = Settings { connections_max: max, wait_ms_max: 20, ..Settings::default() };
        Pool::new(&settings, || Ok(7))
    }

    #[test]
    fn full_pool_says_so_and_frees_on_drop() {
        let pool = pool(1);
        let held = pool.permit().unwrap();
        let refusal = pool.permit().err().unwrap();
        assert_eq!(refusal, SqlError::Locked("all 1 connections were in use for 20 ms".to_owned()));
        drop(held);
        assert!(pool.permit().is_ok());
    }

    #[test]
    fn only_what_was_put_back_is_used_again() {
        let pool = pool(2);
        let permit = pool.permit().unwrap();
        assert_eq!(permit.connection().unwrap(), (7, true));
        permit.put(8);
        assert_eq!(pool.permit().unwrap().connection().unwrap(), (8, false));
        assert_eq!(pool.permit().unwrap().connection().unwrap(), (7, true));
    }
}
