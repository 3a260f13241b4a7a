//! What is done with many users at once.

use service::ops::{GrantOp, Op};

use crate::browser::{Browser, Seen, borrowed, id_of};
use crate::company::{ADA, ADMIN, Company, SAM, grant};

/// The ids of the users who are ticked in a list, sorted.
fn ticks(page: &Seen) -> Vec<String> {
    let boxes = page.text.split("name=\"u\" value=\"").skip(1).filter_map(|rest| rest.split_once('>'));
    let ticked = boxes.filter(|(attributes, _)| attributes.ends_with(" checked"));
    let mut ids: Vec<String> =
        ticked.filter_map(|(attributes, _)| Some(attributes.split_once('"')?.0.to_owned())).collect();
    ids.sort();
    ids
}

/// The administrator, with the ids of all three users of the company: their own first.
async fn all_of(company: &Company) -> (Browser, [String; 3]) {
    let mut admin = Browser::of(company, "", ADMIN).await;
    let mut ids = [const { String::new() }; 3];
    for (id, login) in ids.iter_mut().zip([ADMIN, ADA, SAM]) {
        *id = id_of(&mut admin, "", login).await;
    }
    (admin, ids)
}

/// The form about many, all of them ticked.
fn many<'f>(ids: &'f [String], act: &'f str, role: &'f str, sure: &'f str) -> Vec<(&'static str, &'f str)> {
    let fields = [("act", act), ("role", role), ("site", "south"), ("sure", sure)];
    fields.into_iter().chain(ids.iter().map(|id| ("u", id.as_str()))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_users_at_once_are_shown_first_and_what_is_refused_for_one_is_told() {
    let company = Company::new();
    let (mut admin, ids) = all_of(&company).await;
    let mut ada = Browser::of(&company, "", ADA).await;
    let asked = admin.post("/users-bulk", &many(&ids, "disable", "", "")).await;
    asked.says(200, "Disable: 2 users?").says(200, "2 users are disabled and lose everything.");
    asked.says(200, "1 session and 0 tokens end at once.");
    asked.says(200, "Not admin@shop.example: Nobody changes their own grants or status.");
    assert!(ada.is_in("").await);
    let done = admin.post("/users-bulk", &many(&ids, "disable", "", "yes")).await;
    done.says(200, "Done for 2 of 3 users.").says(200, "Not admin@shop.example");
    assert!(!ada.is_in("").await && admin.is_in("").await);
    let asked = admin.post("/users-bulk", &many(&ids, "enable", "", "")).await;
    // Whoever cannot be enabled is left out of what follows.
    assert_eq!(asked.with(&[]).iter().filter(|(name, _)| *name == "u").count(), 2);
    let done = admin.post("/users-bulk", &borrowed(&asked.with(&[]))).await;
    assert_eq!(done.location(), "/users?done=many");
    let mut other = Browser::of(&company, "", ADA).await;
    other.post("/users-bulk", &many(&ids, "disable", "", "yes")).await.says(403, "USER_VIEW");
    // Whoever ticked themselves, too, is out when it is done for all others.
    let done = admin.post("/users-bulk", &many(&ids, "sign-out", "", "yes")).await;
    assert!(done.location().ends_with("done=many"));
    assert!(!admin.is_in("").await && !other.is_in("").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_about_many_users_is_kept_where_it_is_wrong_or_gone_back_to() {
    let company = Company::new();
    let (mut admin, ids) = all_of(&company).await;
    let [own, _, sam] = &ids;
    admin.post("/users-bulk", &[("act", "disable")]).await.says(400, "Tick the users");
    admin.post("/users-bulk", &[("act", "explode"), ("u", own)]).await.says(400, "");
    let wrong = admin.post("/users-bulk", &many(&ids, "give", "chef", "")).await;
    wrong.says(400, "no role of this key").says(400, "value=\"chef\"").says(400, "value=\"give\" selected");
    assert_eq!(ticks(&wrong), ids, "nothing that was ticked is lost");
    let odd = [("act", "take"), ("role", "api_user"), ("site", "east"), ("u", sam.as_str())];
    admin.post("/users-bulk", &odd).await.says(400, "There is no site `east` here.");
    let back = [("act", "disable"), ("u", sam.as_str()), ("back", "/users?q=sam")];
    admin.post("/users-bulk", &back).await.says(200, "href=\"/users?q=sam\"");
    let again = [&back[..], &[("again", "yes")]].concat();
    let again = admin.post("/users-bulk", &again).await;
    again.says(200, "value=\"disable\" selected").says(200, "value=\"sam\"");
    assert_eq!((ticks(&again), again.text.contains(ADA)), (vec![sam.clone()], false));
    let idle = admin.post("/users-bulk", &[("act", ""), ("u", sam)]).await;
    idle.says(400, "Choose what is to be done with those ticked.");
    assert_eq!(ticks(&idle), [sam.as_str()]);
    let away = [("act", "disable"), ("u", sam.as_str()), ("back", "https://elsewhere.example/")];
    admin.post("/users-bulk", &away).await.says(200, "<a class=\"button\" href=\"/\">Cancel</a>");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_many_users_are_given_and_lose_is_what_was_shown_and_once() {
    let company = Company::new();
    let (mut admin, ids) = all_of(&company).await;
    let [_, ada, sam] = &ids;
    let asked = admin.post("/users-bulk", &many(&ids, "give", "api_user", "")).await;
    asked.says(200, "Give a role: 2 users?").says(200, "2 users");
    let sure = asked.with(&[]);
    admin.post("/users-bulk", &borrowed(&sure)).await.location();
    // Loaded again it gives nothing twice.
    admin.post("/users-bulk", &borrowed(&sure)).await.says(200, "Done for 0 of 2 users.");
    let list = admin.get("/users?role=api_user&site=south").await;
    list.says(200, ADA).says(200, SAM);
    // Taken where it is said, and nowhere else: both have it in the South, one in the North, too.
    let elsewhere = [("act", "take"), ("role", "api_user"), ("site", "north"), ("u", sam.as_str())];
    admin.post("/users-bulk", &elsewhere).await.says(200, "They have nothing of that kind there.");
    // What came since the question was asked is not taken by its answer.
    let asked = admin.post("/users-bulk", &many(&ids, "take", "api_user", "")).await;
    let more = grant("customer_service", Some("south"), &[]);
    company.perform(Op::Grant(GrantOp::Add { users: vec![ADA.into()], grant: more }));
    let done = admin.post("/users-bulk", &borrowed(&asked.with(&[]))).await;
    done.says(200, "Done for 1 of 2 users.");
    done.says(200, &format!("Not {ADA}: Somebody else changed this user"));
    let asked = admin.post("/users-bulk", &[("act", "take"), ("role", "api_user"), ("u", ada)]).await;
    asked.says(200, "Take a role: 1 user?");
    let done = admin.post("/users-bulk", &borrowed(&asked.with(&[]))).await;
    assert_eq!(done.location(), "/users?done=many");
    admin.get("/users?done=many").await.says(200, "It is done with all who were ticked.");
    let list = admin.get("/users?role=api_user&site=south").await;
    assert!(!list.text.contains(ADA) && !list.text.contains(SAM));
}
