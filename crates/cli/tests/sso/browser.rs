//! A browser without scripts: cookies, forms, and redirects one by one.
//!
//! Cookies are kept for the host, whatever the port: so do browsers, and everything here is on one host.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longest chain of redirects that is followed.
const REDIRECTS_MAX: usize = 10;
/// Longest wait for an answer, in seconds.
const WAIT_S_MAX: u64 = 60;

/// An answer, and what was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) url: String,
    pub(crate) status: u16,
    /// Names in lower case, values as they came.
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// A form of a page, with the fields that are filled in already.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) url: String,
    pub(crate) fields: Vec<(String, String)>,
}

#[derive(Debug, Default)]
pub(crate) struct Browser {
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Reply {
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Where it leads, as a whole address.
    pub(crate) fn location(&self) -> Option<String> {
        self.all("location").next().map(|to| absolute(&self.url, to))
    }

    /// The form that is sent to an address that ends so.
    pub(crate) fn form(&self, action_ends: &str) -> Form {
        let forms =
            self.body.split("<form ").skip(1).map(|rest| rest.split("</form>").next().unwrap_or(rest));
        let mut fitting =
            forms.filter(|form| attribute(form, "action").is_some_and(|a| a.ends_with(action_ends)));
        let form = fitting.next().unwrap_or_else(|| panic!("no form to {action_ends}: {self:?}"));
        let inputs = form.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap_or(rest));
        let field =
            |input: &str| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default()));
        let action = attribute(form, "action").expect("it was looked for");
        Form { url: absolute(&self.url, &action), fields: inputs.filter_map(field).collect() }
    }
}

impl Form {
    /// The value that the field has from the page.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn fill(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(n, _)| n != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Browser {
    pub(crate) fn get(&mut self, url: &str) -> Reply {
        self.ask("GET", url, &[], None)
    }

    /// Sends a form as a page of the same site does.
    pub(crate) fn submit(&mut self, form: &Form) -> Reply {
        self.submit_from(&origin_of(&form.url), form)
    }

    /// Sends a form as a page of the site `origin` does.
    pub(crate) fn submit_from(&mut self, origin: &str, form: &Form) -> Reply {
        let pairs: Vec<String> =
            form.fields.iter().map(|(n, v)| format!("{}={}", escape(n), escape(v))).collect();
        let origin = ("origin".to_owned(), origin.to_owned());
        let kind = ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
        self.ask("POST", &form.url, &[origin, kind], Some(&pairs.join("&")))
    }

    /// Follows redirects up to a page, or to an address that begins with `stop`, which is not asked for.
    pub(crate) fn follow(&mut self, mut reply: Reply, stop: &str) -> Result<String, Reply> {
        for _ in 0..REDIRECTS_MAX {
            let Some(to) = reply.location() else { return Err(reply) };
            if to.starts_with(stop) {
                return Ok(to);
            }
            reply = self.get(&to);
        }
        panic!("more than {REDIRECTS_MAX} redirects: {reply:?}");
    }

    fn ask(&mut self, method: &str, url: &str, headers: &[(String, String)], body: Option<&str>) -> Reply {
        let cookies: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let cookie = Some(("cookie".to_owned(), cookies.join("; "))).filter(|_| !cookies.is_empty());
        let headers: Vec<_> = headers.iter().cloned().chain(cookie).collect();
        let reply = exchange(method, url, &headers, body);
        for cookie in reply.all("set-cookie") {
            let (name, value) =
                cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }
}

/// One request on a connection of its own.
fn exchange(method: &str, url: &str, headers: &[(String, String)], body: Option<&str>) -> Reply {
    let origin = origin_of(url);
    let host = origin.strip_prefix("http://").expect("an address of this machine");
    let path = url.strip_prefix(&origin).map(|p| p.split('#').next().unwrap_or(p)).filter(|p| !p.is_empty());
    let mut text =
        format!("{method} {} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n", path.unwrap_or("/"));
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    if let Some(body) = body {
        text += &format!("content-length: {}\r\n", body.len());
    }
    text += &format!("\r\n{}", body.unwrap_or_default());
    let mut stream = TcpStream::connect(host).unwrap_or_else(|error| panic!("{url}: {error}"));
    stream.set_read_timeout(Some(Duration::from_secs(WAIT_S_MAX))).expect("a bound");
    stream.write_all(text.as_bytes()).expect("sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap_or_else(|error| panic!("{url}: {error}"));
    parsed(url, &String::from_utf8_lossy(&bytes))
}

fn parsed(url: &str, text: &str) -> Reply {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{url}: {text}"));
    let (line, lines) = head.split_once("\r\n").unwrap_or((head, ""));
    let header =
        |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    let headers: Vec<_> = lines.lines().filter_map(header).collect();
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let body = if chunked { joined(body) } else { body.to_owned() };
    Reply { url: url.to_owned(), status, headers, body }
}

/// The body of `transfer-encoding: chunked`; what the provider sends is ASCII.
fn joined(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, chunk)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("a size");
        let (data, after) = chunk.split_at_checked(size).expect("a whole chunk");
        body += data;
        rest = after.strip_prefix("\r\n").unwrap_or_default();
    }
    body
}

/// The value of the first attribute called `name`.
fn attribute(html: &str, name: &str) -> Option<String> {
    let rest = html.split(&format!("{name}=\"")).nth(1)?;
    let value = rest.split('"').next().unwrap_or_default();
    Some(value.replace("&#38;", "&").replace("&amp;", "&"))
}

/// The value of a field of an address, unescaped.
pub(crate) fn field(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?')?.1;
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.split_at_checked(2).expect("two digits"));
        let byte =
            |digits| u8::from_str_radix(std::str::from_utf8(digits).expect("text"), 16).expect("digits");
        bytes.push(escaped.map_or(if *first == b'+' { b' ' } else { *first }, |(digits, _)| byte(digits)));
        rest = escaped.map_or(after, |(_, after)| after);
    }
    Some(String::from_utf8(bytes).expect("text"))
}

fn escape(text: &str) -> String {
    let byte =
        |b: u8| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(byte).collect()
}

fn origin_of(url: &str) -> String {
    url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

/// `to` as seen from the page `from`.
fn absolute(from: &str, to: &str) -> String {
    if to.starts_with("http://") || to.starts_with("https://") {
        return to.to_owned();
    }
    format!("{}{to}", origin_of(from))
}
