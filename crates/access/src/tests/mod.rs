//! The rules of DESIGN section 2, each by name, and the search for a way around them.

mod at_place;
mod attacks;
mod directory;
mod named;
mod onestock;
mod onestock_places;
mod profiles;
mod reach;
mod rule1;
mod rule2_3;
mod rule4;
mod rule5_6_7;
mod search;
mod ways_in;
mod world;
