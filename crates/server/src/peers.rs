//! How many connections each address has open.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts the connections of each address. As many addresses are kept as connections are open.
#[derive(Debug)]
pub(crate) struct Peers {
    open: Mutex<HashMap<IpAddr, usize>>,
    most: usize,
}

/// A connection that is counted until this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    peers: Arc<Peers>,
    peer: IpAddr,
}

impl Peers {
    pub(crate) fn new(most: usize) -> Self {
        Self { open: Mutex::default(), most }
    }

    /// Counts a connection; none when the address has as many as it may.
    pub(crate) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let peer = one(peer);
        let mut open = self.lock();
        let count = open.get(&peer).copied().unwrap_or(0);
        if count >= self.most {
            return None;
        }
        open.insert(peer, count + 1);
        Some(Place { peers: self.clone(), peer })
    }

    /// The map is whole at every point where a thread could panic, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.peers.lock();
        if let Some(count) = open.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.peer);
            }
        }
    }
}

/// What counts as one address, as where failed sign-ins are counted: a /64 is what one customer has at least.
fn one(peer: IpAddr) -> IpAddr {
    const NETWORK: u128 = !0 << 64;
    match peer.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & NETWORK).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_places_and_nothing_is_kept_of_those_who_left() {
        let peers = Arc::new(Peers::new(2));
        let enter = |peer: &str| peers.enter(peer.parse().unwrap());
        for [first, second, same, other] in [
            ["192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"],
            ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:0:0:1", "2001:db8:0:1::1"],
            ["127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.2"],
        ] {
            let places = [enter(first), enter(second)];
            assert!(places.iter().all(Option::is_some) && enter(same).is_none(), "{same}");
            assert!(enter(other).is_some(), "{other}");
            let [one, _other] = places;
            drop(one);
            assert!(enter(same).is_some(), "a place that was left");
        }
        assert!(peers.lock().is_empty());
    }
}
