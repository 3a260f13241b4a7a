//! A real browser: Chromium without a window, driven through WebDriver (W3C, 2018) by `chromedriver`.

use crate::common::Folder;
use crate::common::http;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Longest wait for something that a page is to become, in seconds.
const WAIT_S_MAX: u32 = 10;
/// Looks a second while something is waited for.
const LOOKS_A_SECOND: u32 = 40;

/// As root, without a network and without anything of an earlier run.
const FLAGS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// The member by which WebDriver tells that a value is an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Notes on the page whether a form of it is on its way, which takes the page away.
const WATCH: &str = "
    if (window.sent === undefined) addEventListener('submit', (event) => { window.sent ||= !event.defaultPrevented; });
    window.sent = false;";

/// Whether the page is one from which no form is on its way.
const STAYS: &str = "return window.sent !== true";

/// The driver as a process of ours; it ends with the value, and with it every browser that it started.
pub(crate) struct Driver {
    child: Child,
    url: String,
}

impl Driver {
    pub(crate) fn start(program: OsString) -> Self {
        let mut command = Command::new(program);
        command.arg("--port=0");
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = spawned.expect("chromedriver starts");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let (say, hear) = mpsc::channel();
        // Whatever else it says is read, so that it never waits for a full pipe.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let port = line.split_once("started successfully on port ").map(|(_, rest)| rest);
                if let Some(port) = port.and_then(|rest| rest.trim_end_matches('.').parse::<u16>().ok()) {
                    // Nobody listens any more, once it was heard.
                    say.send(port).unwrap_or_default();
                }
            }
        });
        let port = hear.recv_timeout(Duration::from_secs(u64::from(WAIT_S_MAX))).expect("its port");
        Self { child, url: format!("http://127.0.0.1:{port}") }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(tell(&self.url, &http::request("GET /shutdown", &[], b"")));
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Sends and waits for the beginning of an answer. It never panics: values are dropped while a test fails, too.
fn tell(url: &str, bytes: &[u8]) -> io::Result<()> {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://"))?;
    stream.set_read_timeout(Some(Duration::from_secs(u64::from(WAIT_S_MAX))))?;
    stream.write_all(bytes)?;
    stream.read(&mut [0]).map(drop)
}

/// What a page is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Light,
    Dark,
    Phone,
}

impl Look {
    pub(crate) const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::Phone];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Phone => "phone",
        }
    }

    /// Width and height in CSS pixels.
    pub(crate) const fn size(self) -> (u32, u32) {
        match self {
            Self::Light | Self::Dark => (1280, 800),
            Self::Phone => (390, 844),
        }
    }
}

/// A browser with a profile of its own, at the site under test.
pub(crate) struct Browser {
    driver: String,
    session: String,
    site: String,
    _profile: Folder,
}

impl Browser {
    pub(crate) fn open(driver: &Driver, site: &str) -> Self {
        let profile = Folder::new("chromium");
        let flags = FLAGS.iter().map(|flag| (*flag).to_owned());
        let flags: Vec<_> =
            flags.chain([format!("--user-data-dir={}", profile.0.display())]).map(Value::from).collect();
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "args": flags },
        } } });
        let made = call(&driver.url, "POST", "/session", &wanted).expect("a browser");
        let session = made.get("sessionId").and_then(Value::as_str).expect("a session").to_owned();
        let browser = Self { driver: driver.url.clone(), session, site: site.to_owned(), _profile: profile };
        browser.show_as(Look::Light);
        browser
    }

    fn try_ask(&self, method: &str, what: &str, body: &Value) -> Result<Value, String> {
        call(&self.driver, method, &format!("/session/{}/{what}", self.session), body)
    }

    fn ask(&self, method: &str, what: &str, body: &Value) -> Value {
        let answer = self.try_ask(method, what, body);
        answer.unwrap_or_else(|error| panic!("{method} {what} {body}: {error}\n{}", self.told()))
    }

    /// A command of Chromium's own protocol.
    fn command(&self, name: &str, params: &Value) -> Value {
        self.ask("POST", "goog/cdp/execute", &json!({ "cmd": name, "params": params }))
    }

    /// The colours and the size from here on.
    pub(crate) fn show_as(&self, look: Look) {
        let (width, height) = look.size();
        let scheme = if look == Look::Dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.command("Emulation.setEmulatedMedia", &json!({ "features": features }));
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": look == Look::Phone });
        self.command("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Goes to an address of the site.
    pub(crate) fn go(&self, path: &str) {
        self.ask("POST", "url", &json!({ "url": format!("{}{path}", self.site) }));
    }

    /// The address, below the site.
    pub(crate) fn path(&self) -> String {
        let url = self.ask("GET", "url", &Value::Null);
        let url = url.as_str().expect("an address");
        url.strip_prefix(&self.site).unwrap_or(url).to_owned()
    }

    /// What a script answers; it sees its arguments as `arguments`, and a promise is waited for.
    pub(crate) fn script(&self, script: &str, arguments: &Value) -> Value {
        self.ask("POST", "execute/sync", &json!({ "script": script, "args": arguments }))
    }

    fn try_script(&self, script: &str) -> Result<Value, String> {
        self.try_ask("POST", "execute/sync", &json!({ "script": script, "args": [] }))
    }

    fn try_find(&self, using: &str, value: &str) -> Result<String, String> {
        let found = self.try_ask("POST", "element", &json!({ "using": using, "value": value }))?;
        found.get(ELEMENT).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| found.to_string())
    }

    fn click(&self, using: &str, value: &str) {
        let click = || {
            let element = self.try_find(using, value)?;
            self.try_script(WATCH)?;
            self.try_ask("POST", &format!("element/{element}/click"), &json!({}))
        };
        // A page that is about to be replaced may take the element away between the two.
        self.until(&format!("`{value}` can be clicked"), || click().ok());
        // The driver does not wait for the answer to a form; an address that is gone to meanwhile could lose against it.
        let stays = || self.try_script(STAYS).is_ok_and(|stays| stays == true).then_some(());
        self.until(&format!("the answer to the form of `{value}`"), stays);
    }

    /// Follows the first link that says so, without what stands around the text.
    pub(crate) fn follow(&self, text: &str) {
        self.click("xpath", &format!("//a[normalize-space()='{text}']"));
    }

    /// Presses the first button that says so.
    pub(crate) fn press(&self, text: &str) {
        self.click("xpath", &format!("//button[normalize-space()='{text}']"));
    }

    /// The first element that a selector of CSS finds.
    pub(crate) fn click_on(&self, selector: &str) {
        self.click("css selector", selector);
    }

    /// Types into the field of a form, in the place of what stood there.
    pub(crate) fn fill(&self, name: &str, text: &str) {
        let field = format!("input[name='{name}']:not([type='hidden'])");
        let element =
            self.until(&format!("the field `{name}`"), || self.try_find("css selector", &field).ok());
        // The keys of a day follow the language of the browser, so its value is set.
        let day = "const e = document.querySelector(arguments[0]); if (e.type !== 'date') return false;
            e.value = arguments[1]; e.dispatchEvent(new Event('input', { bubbles: true })); return true";
        if self.script(day, &json!([field, text])) == json!(true) {
            return;
        }
        self.ask("POST", &format!("element/{element}/clear"), &json!({}));
        self.ask("POST", &format!("element/{element}/value"), &json!({ "text": text }));
    }

    /// Chooses one of a list by its value.
    pub(crate) fn choose(&self, name: &str, value: &str) {
        self.click_on(&format!("select[name='{name}'] option[value='{value}']"));
    }

    /// What stands in the field of a form.
    pub(crate) fn value(&self, name: &str) -> String {
        let script = "return document.querySelector(`input[name='${arguments[0]}']`)?.value ?? ''";
        self.script(script, &json!([name])).as_str().expect("a text").to_owned()
    }

    /// Presses and releases keys, one after the other, wherever the focus is.
    pub(crate) fn keys(&self, text: &str) {
        let stroke =
            |key: char| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }));
        let strokes: Vec<Value> = text.chars().flat_map(stroke).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.ask("POST", "actions", &json!({ "actions": [keyboard] }));
    }

    /// The text of the first element that a selector of CSS finds, as it is shown; none without one.
    pub(crate) fn text(&self, selector: &str) -> Option<String> {
        let script = "return document.querySelector(arguments[0])?.innerText ?? null";
        self.script(script, &json!([selector])).as_str().map(|text| text.trim().to_owned())
    }

    /// The page as HTML.
    pub(crate) fn source(&self) -> String {
        self.ask("GET", "source", &Value::Null).as_str().expect("a text").to_owned()
    }

    /// One page back, by the browser's button.
    pub(crate) fn back(&self) {
        self.ask("POST", "back", &json!({}));
    }

    /// From here on every page that is loaded runs this script first.
    pub(crate) fn on_every_page(&self, script: &str) {
        self.command("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": script }));
    }

    /// Takes the network away, or brings it back.
    pub(crate) fn offline(&self, offline: bool) {
        let conditions = json!({ "offline": offline, "latency": 0, "throughput": -1 });
        self.ask("POST", "chromium/network_conditions", &json!({ "network_conditions": conditions }));
    }

    /// From here on the pages run no script.
    pub(crate) fn without_scripts(&self) {
        self.command("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    }

    /// Whether the page shows a text anywhere.
    pub(crate) fn shows(&self, text: &str) -> bool {
        self.text("body").is_some_and(|body| body.contains(text))
    }

    /// Waits for the page whose heading begins so.
    pub(crate) fn arrive(&self, heading: &str) {
        let here = || self.text("h1").filter(|h1| h1.starts_with(heading));
        self.until(&format!("the page `{heading}`"), here);
    }

    /// Asks again until there is something; fails with what the page says then.
    pub(crate) fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        for _ in 0..WAIT_S_MAX * LOOKS_A_SECOND {
            if let Some(seen) = look() {
                return seen;
            }
            std::thread::sleep(Duration::from_secs(1) / LOOKS_A_SECOND);
        }
        panic!("it never came to be: {what}\n{}", self.told())
    }

    /// Where the browser is and what it shows, for whoever reads of a failure.
    fn told(&self) -> String {
        let told = self.try_script("return location.href + '\\n' + document.body.innerText");
        told.map_or_else(|error| error, |told| told.as_str().unwrap_or_default().to_owned())
    }

    /// The status of the answer that the page came with.
    pub(crate) fn status(&self) -> u64 {
        let script = "return performance.getEntriesByType('navigation')[0].responseStatus";
        self.script(script, &json!([])).as_u64().expect("a status")
    }

    /// What the console heard since it was asked last: level and sentence.
    pub(crate) fn console(&self) -> Vec<String> {
        let entries = self.ask("POST", "se/log", &json!({ "type": "browser" }));
        let text = |entry: &Value, name: &str| {
            entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let entries = entries.as_array().expect("a log").iter();
        entries.map(|entry| format!("{}: {}", text(entry, "level"), text(entry, "message"))).collect()
    }

    /// Keeps a picture of the whole page, however long, up to `height_max` pixels.
    pub(crate) fn picture(&self, file: &Path, (width, height_max): (u32, u32)) {
        let height = self.script("return document.documentElement.scrollHeight", &json!([]));
        let height = height.as_u64().expect("a height").min(u64::from(height_max));
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        let taken = self.command(
            "Page.captureScreenshot",
            &json!({ "captureBeyondViewport": true, "optimizeForSpeed": true, "clip": clip }),
        );
        let data = taken.get("data").and_then(Value::as_str).expect("a picture");
        std::fs::write(file, STANDARD.decode(data).expect("base64")).expect("it is kept");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(tell(&self.driver, &http::request(&format!("DELETE /session/{}", self.session), &[], b"")));
    }
}

/// A command of WebDriver; the value of its answer, or what was wrong.
fn call(driver: &str, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let headers = [("Content-Type".to_owned(), "application/json".to_owned())];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = http::ask(driver, &http::request(&format!("{method} {path}"), &headers, body.as_bytes()));
    let mut told: Value =
        serde_json::from_str(&answer.body).map_err(|error| format!("{error}: {answer:?}"))?;
    let value = told.get_mut("value").map(Value::take).unwrap_or_default();
    let message = || value.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
    if answer.status == 200 { Ok(value) } else { Err(message()) }
}
