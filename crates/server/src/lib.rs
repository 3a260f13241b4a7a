//! Puts the surfaces together.
