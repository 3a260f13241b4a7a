//! A provider that lies, in every way that the rules name: each lie must be refused.

#[cfg(test)]
mod discovery;
#[cfg(test)]
mod logout;
#[cfg(test)]
mod naming;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod server;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod signer;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod transport;
