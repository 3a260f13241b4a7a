//! Against specifications that are written to be read, and against whatever a stranger does.

use super::*;
use proptest::prelude::*;

/// The specification of a login at an address, for one try at a time: every failure in a list.
#[derive(Default)]
struct Oracle {
    failures: Vec<i64>,
}

impl Oracle {
    fn wait_s(&self, now: i64) -> u32 {
        let Some(last) = self.failures.last() else { return 0 };
        let over = self.failures.len().saturating_sub(5);
        if self.failures.len() < 5 || now - last >= 3600 {
            return 0;
        }
        let pause = (0..over).fold(2_i64, |pause, _| (pause * 2).min(900));
        u32::try_from((last + pause - now).max(0)).unwrap()
    }

    fn fails(&mut self, now: i64) {
        if self.failures.last().is_some_and(|last| now - last >= 3600) {
            self.failures.clear();
        }
        self.failures.push(now);
    }
}

proptest! {
    #[test]
    fn a_login_at_an_address_agrees_with_the_oracle(
        steps in prop::collection::vec((prop_oneof![0..20_i64, 0..1000_i64, 3590..3610_i64], 0..12_u8), 1..80),
    ) {
        let (limits, mut oracle, mut now) = (limits(), Oracle::default(), 0);
        for (gone, how) in steps {
            now += gone;
            let begun = begin(&limits, "ada", HOME, &format!("{now} {how}"), at(now));
            let wait_s = oracle.wait_s(now);
            match begun {
                Err(refusal) => prop_assert_eq!(refusal, refused(wait_s, Why::Pair)),
                Ok(attempt) => {
                    prop_assert_eq!(wait_s, 0);
                    match how {
                        0 => { attempt.succeeded(at(now)); oracle = Oracle::default(); }
                        1 => attempt.withdrawn(),
                        _ => {
                            oracle.fails(now);
                            let began = attempt.failed(at(now)).map_or(0, |began| began.pause_s);
                            prop_assert_eq!(began, oracle.wait_s(now));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn an_address_agrees_with_a_bucket_that_is_filled_drop_by_drop(
        steps in prop::collection::vec((0..400_i64, 1..120_usize), 1..12),
    ) {
        let (limits, mut now, mut level, mut user) = (limits(), 0, 300_i64, 0);
        for (gone, tries) in steps {
            now += gone;
            level = (level + gone).min(300);
            for _ in 0..tries {
                user += 1;
                match fails(&limits, &format!("user {user}"), HOME, at(now)) {
                    Err(refusal) => {
                        let wait_s = u32::try_from(3 - level).unwrap();
                        prop_assert_eq!(refusal, refused(wait_s, Why::Address));
                    }
                    Ok(began) => {
                        prop_assert!(level >= 3);
                        level -= 3;
                        prop_assert_eq!(began.is_some(), level < 3);
                    }
                }
            }
        }
    }

    /// Whatever strangers do elsewhere, and with whatever logins: the owner is let in where they sign in every
    /// day at once, and anywhere else after 4 s at most.
    #[test]
    fn a_stranger_locks_nobody_out(
        steps in prop::collection::vec((0..90_i64, 0..40_u32, 0..4_u8, 0..3_u8), 1..200),
    ) {
        let limits = Arc::new(Limits::bounded(&SystemIds, [64; 3]).unwrap());
        succeeds(&limits, "ada", HOME, at(0));
        let (mut now, mut in_flight) = (0, Vec::new());
        for (gone, from, login, how) in steps {
            now += gone;
            let login = ["ada", "ada", "bob", "nobody"][usize::from(login)];
            if let Ok(attempt) = begin(&limits, login, &address(from), &now.to_string(), at(now)) {
                prop_assert!(attempt.delay_ms() <= Limits::DELAY_MS_MAX);
                match how {
                    0 => in_flight.push(attempt),
                    _ => drop(attempt.failed(at(now))),
                }
            }
            let home = begin(&limits, "ada", HOME, "right", at(now)).unwrap();
            prop_assert_eq!(home.delay_ms(), 0);
            let abroad = begin(&limits, "ada", ABROAD, "right", at(now)).unwrap();
            prop_assert!(abroad.delay_ms() <= 4000);
        }
    }

    /// The same tries for a login that has never been right and for one that nobody has: the same answers.
    #[test]
    fn logins_of_nobody_are_answered_like_all_others(
        steps in prop::collection::vec((0..90_i64, 0..3_u32, 0..6_u8, any::<bool>()), 1..100),
    ) {
        let limits = limits();
        // Ada exists, and signs in at home.
        succeeds(&limits, "ada", HOME, at(0));
        let (mut now, mut in_flight) = (0, Vec::new());
        for (gone, from, password, stays) in steps {
            now += gone;
            let [ada, nobody] = ["ada", "nobody"].map(|login| {
                // Addresses of their own, so that only the logins differ.
                let from = address(from + if login == "ada" { 0 } else { 100 });
                match begin(&limits, login, &from, &password.to_string(), at(now)) {
                    Err(refusal) => format!("{refusal:?}"),
                    Ok(attempt) if stays => {
                        let answer = format!("{attempt:?}");
                        in_flight.push(attempt);
                        answer
                    }
                    Ok(attempt) => {
                        let shown = format!("{attempt:?}");
                        format!("{shown} {:?}", attempt.failed(at(now)))
                    }
                }
            });
            prop_assert_eq!(ada, nobody);
        }
    }
}
