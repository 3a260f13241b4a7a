//! On the way to another site that the policy of the page before does not let a form lead to.

use askama::Template;

use super::frame::Frame;

/// A page with a link to an identity provider.
///
/// Browsers hold the `form-action` of a page against the redirect that answers its form. It names where each provider
/// says it is; one that receives people elsewhere is reached by this link.
#[derive(Template)]
#[template(path = "onward.html")]
pub struct Onward {
    /// The frame.
    pub frame: Frame,
    /// What goes on.
    pub heading: &'static str,
    /// What is left to do.
    pub sentence: String,
    /// Where the link leads: an address that was verified to be https, or http on loopback.
    pub url: String,
    /// What the link says.
    pub button: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Door;

    #[test]
    fn the_link_leads_there_and_nothing_of_it_is_markup() {
        let frame = Frame {
            door: Door::Omc,
            csrf: String::new(),
            person: None,
            menu: Vec::new(),
            sites: None,
            clock: crate::Clock::default(),
        };
        let url = "https://id.shop.example/auth?a=1&b=\"><script>".to_owned();
        let sentence = "You come back here.".to_owned();
        let page = Onward { frame, heading: "Go on", sentence, url, button: "Go on" }.render().unwrap();
        assert!(
            page.contains("href=\"https://id.shop.example/auth?a=1&#38;b=&#34;&#62;&#60;script&#62;\""),
            "{page}"
        );
        assert!(
            !page.contains("<script>") && page.matches("<script").count() == 1 && !page.contains("<form")
        );
    }
}
