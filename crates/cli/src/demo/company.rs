//! The files of the demo companies, always the same.

/// A company: its account and what its files are made of.
pub(crate) struct Company {
    /// The account's ref.
    pub(crate) account: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    host: &'static str,
    currency: &'static str,
    sites: Vec<Site>,
    /// Everybody but the administrator.
    pub(crate) users: Vec<User>,
    /// Logins of users who were shut out.
    pub(crate) disabled: Vec<String>,
    orders: usize,
}

struct Site {
    key: &'static str,
    name: &'static str,
    country: &'static str,
    cities: &'static [&'static str],
    channels: &'static [&'static str],
}

/// Somebody with their grants.
pub(crate) struct User {
    login: String,
    name: String,
    system: bool,
    grants: Vec<Given>,
    /// What they are to a visitor, if they are offered as a sign-in.
    shown_as: Option<&'static str>,
}

/// A role and where: `account`, `site`, `locations` or `channels`, with the listed places.
struct Given(&'static str, &'static str, String, String);

const NAMES: [&str; 48] = [
    "Amelie Roux",
    "Ben Carter",
    "Chloe Martin",
    "Daniel Reed",
    "Emma Leroy",
    "Felix Grant",
    "Grace Hughes",
    "Hugo Blanc",
    "Iris Novak",
    "Jack Turner",
    "Karim Haddad",
    "Laura Simon",
    "Marc Fontaine",
    "Nina Petit",
    "Oscar Wells",
    "Paula Costa",
    "Quentin Morel",
    "Rosa Diaz",
    "Samir Benali",
    "Tara Singh",
    "Ugo Rossi",
    "Vera Lang",
    "Will Foster",
    "Xenia Ivanova",
    "Yann Girard",
    "Zoe Palmer",
    "Adele Perrin",
    "Bruno Silva",
    "Clara Weiss",
    "David Okafor",
    "Elena Marin",
    "Frank Boyd",
    "Gina Lopez",
    "Henri Colin",
    "Isla Murray",
    "Jonas Beck",
    "Katie Shaw",
    "Louis Garnier",
    "Maya Cohen",
    "Noah Price",
    "Olga Kovac",
    "Pierre Lambert",
    "Ruth Ellis",
    "Sofia Greco",
    "Theo Dubois",
    "Una Byrne",
    "Victor Hall",
    "Wendy Chan",
];

const ITEMS: [(&str, &str, u32); 24] = [
    ("Linen shirt", "shirts", 4900),
    ("Oxford shirt", "shirts", 5900),
    ("Silk blouse", "shirts", 8900),
    ("Wool coat", "coats", 24900),
    ("Rain jacket", "coats", 12900),
    ("Down parka", "coats", 29900),
    ("Slim jeans", "trousers", 7900),
    ("Chinos", "trousers", 6900),
    ("Pleated skirt", "skirts", 6500),
    ("Summer dress", "dresses", 9900),
    ("Evening dress", "dresses", 19900),
    ("Cardigan", "knitwear", 7500),
    ("Cashmere sweater", "knitwear", 15900),
    ("Leather belt", "accessories", 3900),
    ("Scarf", "accessories", 2900),
    ("Felt hat", "accessories", 4500),
    ("Ankle boots", "shoes", 13900),
    ("Sneakers", "shoes", 8900),
    ("Loafers", "shoes", 11900),
    ("Tote bag", "bags", 5900),
    ("Weekend bag", "bags", 18900),
    ("Socks", "basics", 990),
    ("T-shirt", "basics", 1990),
    ("Tank top", "basics", 1490),
];

/// Both companies.
pub(crate) fn all() -> [Company; 2] {
    [maison(), corner()]
}

fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

impl Site {
    fn store(&self, city: &str) -> String {
        format!("{}-{}", self.key, slug(city)).to_uppercase()
    }

    fn warehouse(&self) -> String {
        format!("{}-WAREHOUSE", self.key.to_uppercase())
    }
}

/// Hands out names in turn and remembers who was made.
struct Staff<'a> {
    names: std::slice::Iter<'a, &'a str>,
    host: &'static str,
    users: Vec<User>,
}

impl Staff<'_> {
    fn hire(&mut self, shown_as: Option<&'static str>, grants: Vec<Given>) {
        if let Some(name) = self.names.next() {
            let login = format!("{}@{}", name.to_lowercase().replace(' ', "."), self.host);
            self.users.push(User { login, name: (*name).to_owned(), system: false, grants, shown_as });
        }
    }

    fn connect(&mut self, login: &str, name: &str, shown_as: Option<&'static str>, grants: Vec<Given>) {
        let (login, name) = (login.to_owned(), name.to_owned());
        self.users.push(User { login, name, system: true, grants, shown_as });
    }
}

fn everywhere(role: &'static str) -> Given {
    Given(role, "account", String::new(), String::new())
}

fn at(role: &'static str, site: &Site) -> Given {
    Given(role, "site", site.key.to_owned(), String::new())
}

fn in_store(role: &'static str, site: &Site, city: &str) -> Given {
    Given(role, "locations", site.key.to_owned(), site.store(city))
}

fn through(role: &'static str, site: &Site, channels: &str) -> Given {
    Given(role, "channels", site.key.to_owned(), channels.to_owned())
}

fn maison() -> Company {
    let host = "maison-demo.example";
    let sites = vec![
        Site {
            key: "france",
            name: "Maison France",
            country: "FR",
            cities: &["Paris", "Lyon", "Lille", "Nantes", "Bordeaux"],
            channels: &["Web", "Store", "Marketplace"],
        },
        Site {
            key: "uk",
            name: "Maison UK",
            country: "GB",
            cities: &["London", "Leeds", "York", "Bristol"],
            channels: &["Web", "Store", "Marketplace"],
        },
        Site {
            key: "outlet",
            name: "Maison Outlet",
            country: "FR",
            cities: &["Troyes", "Roubaix"],
            channels: &["Web", "Store"],
        },
    ];
    let mut staff = Staff { names: NAMES.iter(), host, users: Vec::new() };
    head_office(&mut staff);
    for (i, site) in sites.iter().enumerate() {
        site_team(&mut staff, site, i == 0);
    }
    systems(&mut staff, &sites);
    let disabled = staff.users.iter().rev().filter(|u| !u.system && u.shown_as.is_none()).take(2);
    let disabled = disabled.map(|u| u.login.clone()).collect();
    Company {
        account: "maison",
        name: "Maison Demo",
        host,
        currency: "EUR",
        sites,
        users: staff.users,
        disabled,
        orders: 2_400,
    }
}

fn head_office(staff: &mut Staff<'_>) {
    staff.hire(
        Some("head office, every site, and the API"),
        vec![everywhere("headquarters"), everywhere("api_user")],
    );
    staff.hire(None, vec![everywhere("client_viewer")]);
    staff.hire(None, vec![everywhere("client_analytics")]);
    staff.hire(None, vec![everywhere("ROLE_MANAGER")]);
    staff.hire(None, vec![everywhere("USER_MANAGER")]);
    staff.hire(None, vec![everywhere("conf_manager")]);
}

fn site_team(staff: &mut Staff<'_>, site: &Site, shown: bool) {
    let show = |text: &'static str| shown.then_some(text);
    staff.hire(
        show("retail director of France, and the API"),
        vec![at("retail_director", site), at("api_user", site)],
    );
    staff.hire(
        show("customer service of France, and the API"),
        vec![at("customer_service", site), at("api_user", site)],
    );
    staff.hire(
        show("customer service of France for web orders alone, and the API"),
        vec![through("customer_service", site, "Web"), through("api_user", site, "Web")],
    );
    staff.hire(None, vec![at("customer_service_conf_manager", site)]);
    staff.hire(None, vec![at("client_viewer_limited", site)]);
    staff.hire(None, vec![at("client_service_analytics", site)]);
    for (i, city) in site.cities.iter().enumerate() {
        let first = shown && i == 0;
        staff.hire(
            first.then_some("vendor manager of the Paris store"),
            vec![in_store("vendor_manager", site, city)],
        );
        staff.hire(None, vec![in_store("vendor", site, city)]);
    }
}

fn systems(staff: &mut Staff<'_>, sites: &[Site]) {
    staff.connect("erp", "Enterprise planning", None, vec![everywhere("GRAPHQL")]);
    staff.connect(
        "shop-gateway",
        "Web shop gateway",
        Some("a program that asks for decisions"),
        vec![everywhere("ENFORCER")],
    );
    for site in sites {
        let login = format!("wms-{}", site.key);
        staff.connect(
            &login,
            &format!("Warehouse system of {}", site.name),
            None,
            vec![at("api_user", site)],
        );
        if let Some(city) = site.cities.last() {
            let till = format!("till-{}", slug(city));
            staff.connect(&till, &format!("Till in {city}"), None, vec![in_store("STORE", site, city)]);
            let stand = format!("stand-{}", slug(city));
            staff.connect(
                &stand,
                &format!("Order stand in {city}"),
                None,
                vec![in_store("STORE_ASSISTANT", site, city)],
            );
        }
    }
}

fn corner() -> Company {
    let host = "corner-demo.example";
    let sites = vec![Site {
        key: "corner",
        name: "Corner Grocers",
        country: "IE",
        cities: &["Dublin", "Cork", "Galway"],
        channels: &["Web", "Counter"],
    }];
    let mut staff = Staff { names: NAMES.iter(), host, users: Vec::new() };
    let names: Vec<&str> = NAMES.iter().rev().take(8).copied().collect();
    let mut few = Staff { names: names.iter(), host, users: Vec::new() };
    if let Some(site) = sites.first() {
        few.hire(
            Some("retail director, and the API"),
            vec![at("retail_director", site), at("api_user", site)],
        );
        few.hire(None, vec![at("customer_service", site)]);
        for city in site.cities {
            few.hire(None, vec![in_store("vendor_manager", site, city)]);
        }
    }
    staff.users = few.users;
    Company {
        account: "corner",
        name: "Corner Grocers Demo",
        host,
        currency: "EUR",
        sites,
        users: staff.users,
        disabled: Vec::new(),
        orders: 300,
    }
}

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides.max(1)
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.roll(of.len()))
    }
}

impl Company {
    /// The administrator's login.
    pub(crate) fn admin(&self) -> String {
        format!("admin@{}", self.host)
    }

    /// Logins that a visitor may use, and what they are.
    pub(crate) fn sign_ins(&self) -> Vec<(String, &'static str)> {
        self.users.iter().filter_map(|u| Some((u.login.clone(), u.shown_as?))).collect()
    }

    /// The files: name and CSV text. No field has a comma or a quote in it.
    pub(crate) fn files(&self) -> Vec<(&'static str, String)> {
        let (orders, customers) = self.orders();
        vec![
            ("sites.csv", self.sites_csv()),
            ("channels.csv", self.channels_csv()),
            ("locations.csv", self.locations_csv()),
            ("items.csv", items_csv()),
            ("customers.csv", customers),
            ("stock.csv", self.stock_csv()),
            ("orders.csv", orders),
            ("users.csv", self.users_csv()),
            ("grants.csv", self.grants_csv()),
        ]
    }

    fn sites_csv(&self) -> String {
        let row = |s: &Site| format!("{},{}\n", s.key, s.name);
        format!("ref,name\n{}", self.sites.iter().map(row).collect::<String>())
    }

    fn channels_csv(&self) -> String {
        let mut text = "site,ref,name\n".to_owned();
        for site in &self.sites {
            for channel in site.channels {
                text += &format!("{},{channel},{channel}\n", site.key);
            }
        }
        text
    }

    fn locations_csv(&self) -> String {
        let mut text = "site,ref,name,kind,city,country\n".to_owned();
        for site in &self.sites {
            for city in site.cities {
                text += &format!("{},{},{city},store,{city},{}\n", site.key, site.store(city), site.country);
            }
            let city = site.cities.first().unwrap_or(&"");
            text += &format!(
                "{},{},{} warehouse,warehouse,{city},{}\n",
                site.key,
                site.warehouse(),
                site.name,
                site.country
            );
        }
        text
    }

    fn stock_csv(&self) -> String {
        let (mut dice, mut text) = (Dice(7), "location,item,on_hand\n".to_owned());
        for site in &self.sites {
            let places = site.cities.iter().map(|c| site.store(c)).chain([site.warehouse()]);
            for place in places {
                let most = if place.ends_with("WAREHOUSE") { 400 } else { 25 };
                for number in 1..=ITEMS.len() {
                    text += &format!("{place},ITEM-{number:02},{}\n", dice.roll(most));
                }
            }
        }
        text
    }

    fn orders(&self) -> (String, String) {
        let (mut dice, mut customers) = (Dice(11), "site,ref,name\n".to_owned());
        for site in &self.sites {
            for (i, name) in NAMES.iter().enumerate() {
                customers += &format!("{},C-{:03},{name}\n", site.key, i + 1);
            }
        }
        let header = "ref,site,channel,customer,placed_on,currency,status,item,quantity,unit_price,location,fulfilment\n";
        let mut text = header.to_owned();
        for number in 1..=self.orders {
            let Some(site) = dice.pick(&self.sites) else { break };
            let channel = dice.pick(site.channels).copied().unwrap_or_default();
            let city = dice.pick(site.cities).copied().unwrap_or_default();
            let from_store = channel == "Store" || channel == "Counter" || dice.roll(3) == 0;
            let place = if from_store { site.store(city) } else { site.warehouse() };
            let item = dice.roll(ITEMS.len());
            let price = ITEMS.get(item).map_or(0, |i| i.2);
            let (status, fulfilment) = match dice.roll(10) {
                0 => ("BOOKED", "CREATED"),
                1 | 2 => ("PICKPACK", "ASSIGNED"),
                3 => ("CANCELLED", "CANCELLED"),
                _ => ("COMPLETE", "DELIVERED"),
            };
            text += &format!(
                "{}-{number:05},{},{channel},C-{:03},2026-{:02}-{:02},{},{status},ITEM-{:02},{},{}.{:02},{place},{fulfilment}\n",
                self.account.to_uppercase(),
                site.key,
                dice.roll(NAMES.len()) + 1,
                dice.roll(10) + 1,
                dice.roll(28) + 1,
                self.currency,
                item + 1,
                dice.roll(4) + 1,
                price / 100,
                price % 100,
            );
        }
        (text, customers)
    }

    fn users_csv(&self) -> String {
        let mut text = "login,name,email,kind\n".to_owned();
        for user in &self.users {
            let email = if user.system { "" } else { user.login.as_str() };
            let kind = if user.system { "system" } else { "person" };
            text += &format!("{},{},{email},{kind}\n", user.login, user.name);
        }
        text
    }

    fn grants_csv(&self) -> String {
        let mut text = "login,role,where,sites,places\n".to_owned();
        for user in &self.users {
            for Given(role, kind, sites, places) in &user.grants {
                text += &format!("{},{role},{kind},{sites},{places}\n", user.login);
            }
        }
        text
    }
}

fn items_csv() -> String {
    let row = |(i, (name, category, _)): (usize, &(&str, &str, u32))| {
        format!("ITEM-{:02},{name},{category}\n", i + 1)
    };
    format!("ref,name,category\n{}", ITEMS.iter().enumerate().map(row).collect::<String>())
}
