//! Looking at a page: accessibility, what its console says, its width on a phone, and pictures of it.

use crate::common::Folder;
use crate::driver::{Browser, Look};
use crate::samples::Sample;
use crate::world::world;
use serde_json::{Value, json};
use std::path::Path;

/// A page that is longer is cut in its picture, in CSS pixels.
const PICTURE_HEIGHT_MAX: u32 = 4_000;

/// Every rule but those that its makers call experimental; in the other colours the rules about colours, because nothing
/// else is another there. Nothing is loaded for it.
const RUN_AXE: &str = "
    const options = { resultTypes: ['violations'], preload: false };
    if (arguments[0] === 'dark') options.runOnly = ['color-contrast', 'link-in-text-block'];
    const found = await axe.run(document, options);
    return found.violations.flatMap(({ id, help, nodes }) =>
        nodes.map((node) => `${id} (${help}): ${node.target.join(' ')}\\n    ${node.html}\\n    ${node.failureSummary}`));";

/// The widest thing that reaches out of the page; none where nothing does.
const TOO_WIDE: &str = "
    const width = arguments[0];
    if (document.documentElement.scrollWidth <= width && innerWidth <= width) return null;
    const out = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width);
    return `${document.documentElement.scrollWidth} px: ` + out.slice(0, 5).map((e) => e.outerHTML.slice(0, 120)).join(' | ');";

/// What is squeezed: words of a control that are broken over lines, controls that lie over each other, and controls that
/// are hidden from sight but not from the keyboard.
const SQUEEZED: &str = "
    const hidden = (e) => e !== null && (getComputedStyle(e).clipPath !== 'none' || hidden(e.parentElement));
    const shown = (e) => e.checkVisibility() && e.getClientRects().length > 0 && !hidden(e);
    const controls = [...document.querySelectorAll('a, button, input, select')].filter(shown);
    const name = (e) => `${e.tagName} \\`${(e.innerText || e.name || '').trim().slice(0, 40)}\\``;
    const found = [];
    for (const control of controls.filter((e) => e.matches('button, .button, .menu a'))) {
        const texts = document.createTreeWalker(control, NodeFilter.SHOW_TEXT);
        for (let text = texts.nextNode(); text; text = texts.nextNode())
            for (const word of text.data.matchAll(/[^\\s-]+/g)) {
                const range = document.createRange();
                range.setStart(text, word.index);
                range.setEnd(text, word.index + word[0].length);
                const lines = new Set([...range.getClientRects()].map((rect) => Math.round(rect.top)));
                if (lines.size > 1) found.push(`${name(control)} breaks its words`);
            }
    }
    for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden]), select'))
        if (e.checkVisibility() && hidden(e)) found.push(`${name(e)} takes the focus and is not seen`);
    const boxes = controls.flatMap((e) => [...e.getClientRects()].map((rect) => [e, rect]));
    const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
    boxes.forEach(([e, box], at) => {
        for (const [other, rect] of boxes.slice(at + 1))
            if (e !== other && !e.contains(other) && !other.contains(e) && over(box, rect))
                found.push(`${name(e)} lies over ${name(other)}`);
    });
    return [...new Set(found)];";

/// Whether the page can be read on a phone without being moved sideways; else what is too wide.
pub(crate) fn too_wide(browser: &Browser) -> Option<String> {
    let (width, _) = Look::Phone.size();
    browser.script(TOO_WIDE, &json!([width])).as_str().map(str::to_owned)
}

/// Everything that is wrong with the page that the browser is at, which has loaded axe-core; pictures of it go into `folder`.
pub(crate) fn faults(browser: &Browser, sample: &Sample, folder: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    if browser.status() != sample.status {
        faults.push(format!("status {}, expected {}", browser.status(), sample.status));
    }
    faults.extend(complaints(browser, sample.status));
    for look in Look::ALL {
        browser.show_as(look);
        let violations = browser.script(RUN_AXE, &json!([look.word()]));
        let violations = violations.as_array().expect("a list").iter().filter_map(Value::as_str);
        faults.extend(violations.map(|fault| format!("{}: {fault}", look.word())));
        let squeezed = browser.script(SQUEEZED, &json!([]));
        let squeezed = squeezed.as_array().expect("a list").iter().filter_map(Value::as_str);
        faults.extend(squeezed.map(|fault| format!("{}: {fault}", look.word())));
        if look == Look::Phone {
            faults.extend(too_wide(browser).map(|wide| format!("phone: wider than the screen: {wide}")));
        }
        let file = folder.join(format!("{}-{}.png", sample.name, look.word()));
        browser.picture(&file, (look.size().0, PICTURE_HEIGHT_MAX));
    }
    browser.show_as(Look::Light);
    faults.extend(complaints(browser, 200));
    faults.into_iter().map(|fault| format!("{} {}: {fault}", sample.name, browser.path())).collect()
}

/// What the console complains of, besides that the page itself came with the status that it should have.
pub(crate) fn complaints(browser: &Browser, status: u64) -> Vec<String> {
    let expected = format!("the server responded with a status of {status} ");
    let entries = browser.console().into_iter();
    let counts = |entry: &String| entry.starts_with("SEVERE") || entry.starts_with("WARNING");
    entries.filter(counts).filter(|entry| status == 200 || !entry.contains(&expected)).collect()
}

/// Each kind of fault is seen where there is one: else the tests of pages would prove nothing.
#[test]
fn faults_are_seen() {
    let Some(world) = world() else { return };
    let browser = world.browser();
    browser.on_every_page(&world.axe());
    browser.go("/sign-in");
    let spoil = "
        const script = document.createElement('script');
        script.textContent = 'document.title = 1';
        document.body.append(script);
        const image = document.createElement('img');
        image.src = document.querySelector('img').src;
        document.body.append(image);
        for (const element of [document.querySelector('form button'), document.querySelector('.aside')])
            element.style.cssText = 'width: 2rem; padding: 0; min-width: 0; color: #999; overflow-wrap: anywhere';
        document.querySelector('.brand').style.width = '60rem';";
    browser.script(spoil, &json!([]));
    let sample = Sample { name: "spoilt", route: "", status: 404, heading: "Sign in", reach: |_, _| () };
    let folder = Folder::new("pictures");
    let told = faults(&browser, &sample, &folder.0);
    for expected in [
        "status 200, expected 404",
        "Content Security Policy",
        "light: image-alt",
        "light: color-contrast",
        "dark: color-contrast",
        "light: BUTTON `Sign in` breaks its words",
        "phone: wider than the screen",
    ] {
        assert!(told.iter().any(|fault| fault.contains(expected)), "{expected}: {told:#?}");
    }
    assert!(folder.0.join("spoilt-phone.png").is_file());
}
