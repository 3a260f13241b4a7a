//! The house is kept every few seconds: uses of tokens are written down, and what is long over is deleted.

use crate::limits::UPKEEP_S;
use crate::run::Stop;
use service::{Fault, Service, ServiceError};
use std::mem::{Discriminant, discriminant};
use std::time::Duration;

/// Keeps the house until the server stops. The last time, when nobody uses tokens any more, is [`Running::stop`]'s.
///
/// [`Running::stop`]: crate::Running::stop
pub(crate) async fn keep(service: Service, mut stop: Stop) {
    let mut told = Told::default();
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(UPKEEP_S)) => {}
            () = stop.stopped() => return,
        }
        let service = service.clone();
        match tokio::task::spawn_blocking(move || service.keep_house()).await {
            Ok(done) => told.tell(&done),
            Err(error) => tracing::error!(%error, "the upkeep of tokens broke off"),
        }
    }
}

/// The kinds of failure that were told since it last went well: a database that is away is told once, not every
/// few seconds.
#[derive(Default)]
struct Told(Vec<Discriminant<Fault>>);

impl Told {
    fn tell(&mut self, done: &Result<(), ServiceError>) {
        match done {
            Err(error) if self.is_new(error.fault()) => log(error),
            Err(_) => {}
            Ok(()) if self.0.is_empty() => {}
            Ok(()) => {
                self.0.clear();
                tracing::info!("the upkeep of tokens goes well again");
            }
        }
    }

    fn is_new(&mut self, fault: Fault) -> bool {
        let kind = discriminant(&fault);
        let is_new = !self.0.contains(&kind);
        if is_new {
            self.0.push(kind);
        }
        is_new
    }
}

/// Tells a failure.
pub(crate) fn log(error: &ServiceError) {
    // What a caller would not be told stands in the log.
    let inside = match error {
        ServiceError::Internal(inside) => inside.clone(),
        other => other.to_string(),
    };
    tracing::warn!(error = inside, "the upkeep of tokens failed: when they were last used may be told wrong");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_failure_is_told_once_until_it_goes_well_again() {
        let mut told = Told::default();
        let away = || Err(ServiceError::Unavailable("away".into()));
        told.tell(&away());
        assert!(!told.is_new(Fault::Unavailable));
        assert!(told.is_new(Fault::Internal));
        // Seconds are no other kind.
        assert!(
            told.is_new(Fault::Busy { retry_after_s: 1 }) && !told.is_new(Fault::Busy { retry_after_s: 2 })
        );
        told.tell(&Ok(()));
        assert!(told.is_new(Fault::Unavailable));
    }
}
