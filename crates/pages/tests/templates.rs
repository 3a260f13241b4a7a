//! Every page, rendered with plain and with hostile words, is proper, accessible HTML with no script but ours.

mod page;
mod samples;

use std::collections::BTreeSet;

use page::{Element, Page};
use samples::{HOSTILE, Words};

/// A rule that every page keeps: what is wrong with the page, if anything.
type Rule = fn(&Page) -> Result<(), String>;

const RULES: &[(&str, Rule)] = &[
    ("one script, which is ours, no inline style, nothing from elsewhere", nothing_foreign_runs),
    ("forms post to this site with one form token", forms),
    ("every field has a label", labels),
    ("ids are unique and references lead to them", ids),
    ("language, title, one heading, landmarks", landmarks),
    ("buttons and links say what they do", named),
    ("an error is tied to its field", errors_are_tied),
    ("headings skip no level", headings),
];

fn want(holds: bool, otherwise: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

fn nothing_foreign_runs(page: &Page) -> Result<(), String> {
    const KNOWN: &[&str] = &[
        "html", "head", "meta", "title", "link", "body", "a", "header", "footer", "main", "nav", "section",
        "div", "span", "bdi", "img", "h1", "h2", "h3", "p", "ul", "li", "dl", "dt", "dd", "form", "label",
        "input", "button", "table", "thead", "tbody", "tr", "th", "td", "time", "strong", "select", "option",
        "del", "ins", "fieldset", "legend", "script", "details", "summary", "optgroup",
    ];
    let scripts: Vec<&Element> = page.all("script").collect();
    want(scripts.len() <= 1, "more than one script")?;
    for script in scripts {
        let ours =
            script.get("src").is_some_and(|src| src.starts_with("/assets/keyward-") && src.ends_with(".js"));
        want(ours && script.text.is_empty(), "a script that is not ours")?;
    }
    for element in &page.elements {
        want(KNOWN.contains(&element.name.as_str()), format!("<{}>", element.name))?;
        for (name, value) in &element.attributes {
            want(!name.starts_with("on") && name != "style", format!("{name} on <{}>", element.name))?;
            let leads_somewhere = matches!(name.as_str(), "href" | "src" | "action" | "formaction");
            let local = value.starts_with("#") || (value.starts_with('/') && !value.starts_with("//"));
            want(!leads_somewhere || local, format!("{name}={value:?}"))?;
        }
    }
    Ok(())
}

fn forms(page: &Page) -> Result<(), String> {
    for (index, form) in page.elements.iter().enumerate().filter(|(_, element)| element.is("form")) {
        want(form.get("action").is_some_and(|action| action.starts_with('/')), "a form without an action")?;
        // A button with a name of its own does something else with the same form.
        let does = |element: &&Element| element.is("button") && element.get("name").is_none();
        let buttons = page.inside(index).filter(does).count();
        want(buttons == 1, format!("{buttons} buttons in a form"))?;
        // A search changes nothing: its fields stand in the address, where no token belongs.
        if form.get("method") == Some("get") {
            want(form.get("role") == Some("search"), "a form that gets and is no search")?;
            want(page.inside(index).all(|e| e.get("name") != Some("csrf")), "a token in an address")?;
            continue;
        }
        want(form.get("method") == Some("post"), "a form that neither posts nor gets")?;
        let tokens: Vec<&Element> = page.inside(index).filter(|e| e.get("name") == Some("csrf")).collect();
        let token = match tokens.as_slice() {
            [token] => token,
            other => return Err(format!("{} form tokens", other.len())),
        };
        want(token.get("type") == Some("hidden"), "a form token that shows")?;
        want(token.get("value").is_some_and(|value| value.contains("csrf-of-the-")), "another form token")?;
    }
    Ok(())
}

fn labels(page: &Page) -> Result<(), String> {
    let fields = page.elements.iter().filter(|field| field.is("input") || field.is("select"));
    for input in fields.filter(|input| input.get("type") != Some("hidden")) {
        let id = input.get("id").ok_or("an input without id")?;
        let labels: Vec<&Element> = page.all("label").filter(|label| label.get("for") == Some(id)).collect();
        want(labels.len() == 1, format!("{} labels of `{id}`", labels.len()))?;
        want(labels.iter().all(|label| !label.text.trim().is_empty()), format!("an empty label of `{id}`"))?;
        want(input.get("autocomplete").is_some(), format!("`{id}` without autocomplete"))?;
        let secret = input.get("type") == Some("password");
        want(!secret || input.get("value").is_none(), format!("the password `{id}` is written back"))?;
    }
    Ok(())
}

fn ids(page: &Page) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for id in page.elements.iter().filter_map(|element| element.get("id")) {
        want(seen.insert(id), format!("the id `{id}` twice"))?;
    }
    for element in &page.elements {
        for attribute in ["for", "aria-describedby", "aria-labelledby"] {
            for id in element.get(attribute).unwrap_or_default().split_whitespace() {
                want(seen.contains(id), format!("{attribute}={id:?} leads nowhere"))?;
            }
        }
        let anchor = element.get("href").and_then(|href| href.strip_prefix('#'));
        want(anchor.is_none_or(|id| seen.contains(id)), format!("{anchor:?} leads nowhere"))?;
    }
    Ok(())
}

fn landmarks(page: &Page) -> Result<(), String> {
    want(
        page.all("html").all(|html| ["en-GB", "en-US"].map(Some).contains(&html.get("lang"))),
        "no language",
    )?;
    let titles: Vec<&Element> = page.all("title").collect();
    let titled = titles.len() == 1 && titles.iter().all(|title| title.text.contains(" \u{2013} "));
    want(titled, "no title of page and application")?;
    for one in ["h1", "main", "header"] {
        want(page.all(one).count() == 1, format!("{} times <{one}>", page.all(one).count()))?;
    }
    let viewport = page.all("meta").any(|meta| meta.get("name") == Some("viewport"));
    want(viewport, "no viewport")?;
    let first_link = page.all("a").next().and_then(|link| link.get("href"));
    want(first_link == Some("#main"), "the first link does not skip to the content")?;
    want(page.by_id("main").is_some_and(|main| main.is("main")), "`main` is no landmark")
}

fn named(page: &Page) -> Result<(), String> {
    for (index, element) in page.elements.iter().enumerate() {
        if element.is("button") || element.is("a") {
            let name = element.get("aria-label").unwrap_or(&element.text);
            let inside_a_control = page.inside(index).any(|inner| inner.is("a") || inner.is("button"));
            want(!name.trim().is_empty() && !inside_a_control, format!("a nameless <{}>", element.name))?;
        }
        want(!element.is("img") || element.get("alt").is_some(), "an image without alt")?;
    }
    Ok(())
}

fn errors_are_tied(page: &Page) -> Result<(), String> {
    for error in page.elements.iter().filter(|element| element.get("class") == Some("error")) {
        let id = error.get("id").ok_or("an error without id")?;
        let mut fields = page.all("input").chain(page.all("select")).filter(|input| {
            input.get("aria-describedby").is_some_and(|all| all.split(' ').any(|one| one == id))
        });
        let field = fields.next().ok_or(format!("`{id}` is of no field"))?;
        want(field.get("aria-invalid") == Some("true"), format!("the field of `{id}` is not marked"))?;
    }
    Ok(())
}

fn headings(page: &Page) -> Result<(), String> {
    let levels =
        page.elements.iter().filter_map(|element| element.name.strip_prefix('h')?.parse::<u8>().ok());
    let mut last = 0;
    for level in levels {
        want(level <= last + 1, format!("h{level} after h{last}"))?;
        last = level;
    }
    Ok(())
}

fn broken_rules(name: &str, html: &str) -> Vec<String> {
    let page = match Page::read(html) {
        Ok(page) => page,
        Err(error) => return vec![format!("{name}: {error}")],
    };
    let broken = RULES.iter().filter_map(|(rule, holds)| Some((rule, holds(&page).err()?)));
    broken.map(|(rule, why)| format!("{name}: {rule}: {why}")).collect()
}

#[test]
fn every_page_keeps_every_rule_whatever_it_is_told() {
    for words in [Words::Plain, Words::Hostile] {
        let pages = samples::all(words).unwrap();
        let broken: Vec<String> = pages.iter().flat_map(|(name, html)| broken_rules(name, html)).collect();
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    }
}

#[test]
fn hostile_words_change_no_element() {
    let skeleton = |words| -> Vec<(String, Vec<String>)> {
        let pages = samples::all(words).unwrap();
        let names = |html: &str| Page::read(html).unwrap().elements.into_iter().map(|e| e.name).collect();
        pages.iter().map(|(name, html)| (name.clone(), names(html))).collect()
    };
    assert_eq!(skeleton(Words::Plain), skeleton(Words::Hostile));
}

#[test]
fn hostile_words_are_shown_as_they_are() {
    let pages = samples::all(Words::Hostile).unwrap();
    let mut shown = 0;
    for (name, html) in &pages {
        let page = Page::read(html).unwrap();
        let in_text = page.all("html").filter(|html| html.text.contains(HOSTILE)).count();
        let whole = |value: &String| value.contains(HOSTILE);
        let in_values = page.elements.iter().filter(|e| e.attributes.values().any(whole)).count();
        // The form token alone is hostile on every page with a form; the texts come on top.
        shown += in_text;
        let foreign = html.replacen("<script src=\"/assets/keyward-", "", 1);
        assert!(!foreign.contains("<script") && !html.contains("' onfocus"), "{name}");
        assert!(in_text + in_values > 0 || page.all("form").count() == 0, "{name}");
    }
    assert!(shown > pages.len() / 2, "{shown} of {}", pages.len());
}

#[test]
fn pages_have_no_inline_style_and_one_stylesheet() {
    for (name, html) in samples::all(Words::Plain).unwrap() {
        let page = Page::read(&html).unwrap();
        let sheets: Vec<&str> = page
            .all("link")
            .filter(|link| link.get("rel") == Some("stylesheet"))
            .filter_map(|link| link.get("href"))
            .collect();
        assert_eq!(sheets, [pages::assets::stylesheet()], "{name}");
        for link in page.all("link").chain(page.all("img")) {
            let path = link.get("href").or(link.get("src")).unwrap();
            assert!(pages::assets::asset(path).is_some(), "{name}: {path}");
        }
    }
}

#[test]
fn every_page_is_light_with_what_it_loads() {
    /// Most bytes on the wire, heads not counted, for a browser that takes gzip.
    const WIRE_BYTES_MAX: usize = 60_000;
    for (name, html) in samples::all(Words::Plain).unwrap() {
        let paths: BTreeSet<&str> = html.split('"').filter(|word| word.starts_with("/assets/")).collect();
        let loaded = paths.iter().map(|path| {
            let found = pages::assets::asset(path).unwrap();
            (*path, found.gzip.unwrap_or(found.bytes).len())
        });
        let loaded: Vec<(&str, usize)> = loaded.collect();
        let sum = html.len() + loaded.iter().map(|(_, bytes)| bytes).sum::<usize>();
        assert!(sum < WIRE_BYTES_MAX, "{name}: {sum} bytes, of these {} the page, {loaded:?}", html.len());
    }
}

#[expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
fn sample(wanted: &str) -> Page {
    let pages = samples::all(Words::Plain).unwrap();
    let (_, html) = pages.iter().find(|(name, _)| name == wanted).unwrap();
    Page::read(html).unwrap()
}

fn value_of<'a>(page: &'a Page, name: &str) -> Option<&'a str> {
    page.all("input").find(|input| input.get("name") == Some(name))?.get("value")
}

#[test]
fn sign_in_asks_for_the_account_only_when_it_must_and_keeps_what_was_typed() {
    assert!(sample("sign-in").by_id("account").is_none());
    let full = sample("sign-in-full");
    assert_eq!(value_of(&full, "account"), Some("acme"));
    assert_eq!(value_of(&full, "next"), Some("/me?tab=tokens&x='%22"));
    let providers: Vec<&str> = full
        .all("input")
        .filter(|i| i.get("name") == Some("provider"))
        .filter_map(|i| i.get("value"))
        .collect();
    assert_eq!(providers, ["entra", "okta"]);
    let wrong = sample("sign-in-wrong");
    assert_eq!(value_of(&wrong, "login"), Some("bea@acme.example"));
    assert_eq!(value_of(&wrong, "password"), None);
    assert!(wrong.elements.iter().any(|element| element.get("role") == Some("alert")));
}

#[test]
fn typing_begins_in_the_first_field_that_is_empty() {
    for (name, field) in [
        ("sign-in", "login"),
        ("sign-in-full", "login"),
        ("sign-in-wrong", "password"),
        ("sign-in-account-missing", "account"),
    ] {
        let page = sample(name);
        let focused: Vec<&str> =
            page.all("input").filter(|i| i.get("autofocus").is_some()).filter_map(|i| i.get("id")).collect();
        assert_eq!(focused, [field], "{name}");
    }
}

#[test]
fn the_store_app_is_called_so_and_its_forms_stay_in_it() {
    let page = sample("sign-in-store");
    assert!(page.all("title").all(|title| title.text.ends_with("Store App")));
    assert!(page.all("form").all(|form| form.get("action") == Some("/store/sign-in")));
}

#[test]
fn a_page_knows_whether_its_own_change_asks_for_the_current_password() {
    assert!(sample("password-first").by_id("current").is_none());
    assert!(sample("password-own").by_id("current").is_some());
    assert!(sample("link-reset").by_id("current").is_none());
    assert_eq!(value_of(&sample("link-reset"), "code"), Some("code-of-the-link"));
}

#[test]
fn my_information_offers_what_there_is() {
    let (full, empty) = (sample("me"), sample("me-empty"));
    assert_eq!(value_of(&full, "session"), Some("tok_01"));
    let revoke = full.all("a").filter_map(|a| a.get("href")).filter(|href| href.contains("revoke")).count();
    assert_eq!(revoke, 3);
    assert!(full.by_id("expires").is_some());
    assert!(empty.by_id("expires").is_none());
    let text = |page: &Page| page.all("main").map(|main| main.text.clone()).collect::<String>();
    assert!(text(&empty).contains("You have no access to the API"));
    assert!(text(&empty).contains("Shown are 2 of 41."));
    assert!(text(&full).contains("Ends all 3 sessions, this one included, and 2 long-duration tokens"));
    assert!(text(&sample("confirm-everywhere")).contains("Ends all 3 sessions"));
}

#[test]
fn the_checker_sees_what_it_is_for() {
    let good = samples::all(Words::Plain).unwrap().into_iter().find(|(name, _)| name == "me").unwrap().1;
    let spoil = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        broken_rules("me", &good.replacen(from, to, 1))
    };
    for (from, to) in [
        ("</main>", "<script>1</script></main>"),
        ("<h1>", "<h1 onclick=\"x\">"),
        ("<h1>", "<h1 style=\"x\">"),
        ("method=\"post\"", "method=\"get\""),
        ("name=\"csrf\"", "name=\"other\""),
        ("<label for=\"email\">", "<label for=\"e-mail\">"),
        ("id=\"email\"", "id=\"name\""),
        ("lang=\"en-GB\"", ""),
        ("<h1>My information</h1>", ""),
        ("<h2 id=\"profile\">Profile</h2>", "<h3 id=\"profile\">Profile</h3>"),
        ("</section>", ""),
        ("href=\"/me\"", "href=\"//evil.example/me\""),
        ("Save profile", ""),
        ("<input id=\"name\"", "<input id=\"name\" id=\"name\""),
    ] {
        assert!(!spoil(from, to).is_empty(), "{from} -> {to}");
    }
}
