//! The colours of the stylesheet, computed: WCAG 2.2 AA in both themes.

use std::collections::BTreeMap;

const CSS: &str = include_str!("../assets/keyward.css");

/// Foreground, background, and the least contrast between them: 4.5 for text, 3 for what shows where a field
/// or the focus is.
const PAIRS: &[(&str, &str, f64)] = &[
    ("text", "page", 4.5),
    ("text", "panel", 4.5),
    ("text", "sunk", 4.5),
    ("quiet", "page", 4.5),
    ("quiet", "panel", 4.5),
    ("quiet", "sunk", 4.5),
    ("accent", "page", 4.5),
    ("accent", "panel", 4.5),
    ("accent-hover", "page", 4.5),
    ("accent-hover", "panel", 4.5),
    ("accent", "sunk", 4.5),
    ("accent-hover", "sunk", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-hover", 4.5),
    ("good", "good-back", 4.5),
    ("good", "panel", 4.5),
    ("info", "info-back", 4.5),
    // What is marked in a list of suggestions.
    ("text", "info-back", 4.5),
    ("quiet", "info-back", 4.5),
    ("warn", "warn-back", 4.5),
    ("bad", "bad-back", 4.5),
    ("bad", "panel", 4.5),
    ("bad", "sunk", 4.5),
    ("danger", "panel", 4.5),
    ("danger", "sunk", 4.5),
    ("danger", "bad-back", 4.5),
    ("panel", "danger", 4.5),
    ("edge", "panel", 3.0),
    ("edge", "sunk", 3.0),
    ("focus", "page", 3.0),
    ("focus", "panel", 3.0),
    ("focus", "sunk", 3.0),
    ("focus", "info-back", 3.0),
];

/// `--name: light-dark(#rrggbb, #rrggbb);` of the stylesheet, by name: light, dark.
fn tokens() -> BTreeMap<&'static str, (u32, u32)> {
    let colour = |text: &str| u32::from_str_radix(text.trim().strip_prefix('#')?, 16).ok();
    let token = |line: &'static str| {
        let (name, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(")?;
        let (light, dark) = value.strip_suffix(");")?.split_once(',')?;
        Some((name, (colour(light)?, colour(dark)?)))
    };
    CSS.lines().filter_map(token).collect()
}

/// Relative luminance, WCAG 2.2.
fn luminance(colour: u32) -> f64 {
    let channel = |shift: u32| {
        let value = f64::from((colour >> shift) & 0xff) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
}

fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    if one > other { one / other } else { other / one }
}

#[test]
fn the_formula_is_that_of_the_standard() {
    assert!((contrast(0x00_0000, 0xff_ffff) - 21.0).abs() < 1e-9);
    assert!((contrast(0x77_7777, 0xff_ffff) - 4.478).abs() < 1e-3);
}

#[test]
fn every_pair_is_readable_in_both_themes() {
    let tokens = tokens();
    let mut bad = vec![];
    for (front, back, least) in PAIRS {
        let (front_of, back_of) = (tokens[front], tokens[back]);
        for (theme, one, other) in [("light", front_of.0, back_of.0), ("dark", front_of.1, back_of.1)] {
            let ratio = contrast(one, other);
            if ratio < *least {
                bad.push(format!("{front} on {back}, {theme}: {ratio:.2}, {least} at least"));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn a_colour_stands_only_in_the_tokens() {
    let (_, rest) = CSS.split_once("@layer base {").unwrap();
    for line in rest.lines() {
        assert!(!line.contains(": #") && !line.contains(" #") && !line.contains("rgb("), "{line}");
    }
}
