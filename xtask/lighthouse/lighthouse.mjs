// Runs Lighthouse over the pages of a served demo company and prints a table of figures.
//
// node lighthouse.mjs ADDRESS CHROMIUM LOGIN PASSWORD FOLDER RUNS
//
//   ADDRESS   where the company is served: http://HOST:PORT
//   CHROMIUM  the browser
//   LOGIN     somebody who may read every page
//   PASSWORD  theirs
//   FOLDER    there is, and gets the whole report of each page as HTML
//   RUNS      how often each page is measured; the middle figures are printed
//
// The exit status says whether everything was measured, not how it came out.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from 'chrome-launcher';
import lighthouse, { desktopConfig, generateReport } from 'lighthouse';

const [address, chromium, login, password, folder, runs] = process.argv.slice(2);

/** Below this a row names the audits that took something from its score. */
const GOAL = 95;

const CATEGORIES = ['performance', 'accessibility', 'best-practices'];

/** How pages are looked at; what is set aside for a phone is Lighthouse's own: a slow processor, 1.6 Mbit/s, 150 ms. */
const FORMS = [['desktop', desktopConfig], ['mobile', undefined]];

/** The cookies that an answer sets, as a request sends them. */
const cookiesOf = (answer) => answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ');

/** Signs in by the form, as a browser without JavaScript would; the cookie of the session. */
const signIn = async () => {
  const asked = await fetch(`${address}/sign-in`);
  const csrf = (await asked.text()).match(/name="csrf" value="([^"]+)"/)?.[1];
  const answer = await fetch(`${address}/sign-in`, {
    method: 'POST',
    headers: { cookie: cookiesOf(asked), origin: address },
    body: new URLSearchParams({ csrf, login, password }),
    redirect: 'manual',
  });
  if (answer.status !== 303) throw new Error(`${login} could not sign in: ${answer.status}`);
  return cookiesOf(answer);
};

/** The pages, each with its cookie; the first is for whoever has not signed in. */
const pages = async () => {
  const cookie = await signIn();
  const list = await (await fetch(`${address}/users?q=hugo`, { headers: { cookie } })).text();
  const user = list.match(/href="(\/users\/usr_\d+)"/)?.[1];
  if (!user) throw new Error('the list of users names nobody');
  const explain = `/explain?user=${user.split('/').at(-1)}&permission=ORDER_UPDATE&entity=order&site=uk&channel=Web`;
  const own = ['/users', user, '/new-user', '/roles', '/roles/client_admin', '/roles/night_shift/edit', explain, '/audit', '/me'];
  const signedIn = own.map((path) => ({ path, name: path.split('?')[0], cookie }));
  return [{ path: '/sign-in', name: '/sign-in' }, ...signedIn];
};

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** What one look found: scores from 0 to 100, bytes as they came over the wire with their heads. */
const figures = (lhr) => {
  const requests = lhr.audits['network-requests'].details.items;
  const bytes = (some) => some.reduce((sum, request) => sum + request.transferSize, 0);
  return {
    scores: CATEGORIES.map((id) => Math.round(lhr.categories[id].score * 100)),
    page: bytes(requests.filter((request) => request.resourceType === 'Document')),
    all: bytes(requests),
    machine: lhr.environment.benchmarkIndex,
  };
};

/** The audits that count and were not passed, by category. */
const failed = (lhr, id) => {
  const counted = lhr.categories[id].auditRefs.filter((ref) => ref.weight > 0).map((ref) => lhr.audits[ref.id]);
  return counted.filter((audit) => audit.score !== null && audit.score < 1)
    .map((audit) => `${audit.id} (${audit.displayValue ?? audit.title})`);
};

/** How often a look is tried: on a busy machine a trace sometimes has no beginning, and Lighthouse says to run it again. */
const TRIES = 3;

const look = async (port, page, config) => {
  const flags = { port, onlyCategories: CATEGORIES, logLevel: 'silent' };
  if (page.cookie) flags.extraHeaders = { Cookie: page.cookie };
  let lhr;
  for (let attempt = 0; attempt < TRIES && (!lhr || lhr.runtimeError); attempt += 1) {
    ({ lhr } = await lighthouse(address + page.path, flags, config));
  }
  if (lhr.runtimeError) throw new Error(`${page.path}: ${lhr.runtimeError.message}`);
  const arrived = new URL(lhr.finalDisplayedUrl).pathname;
  if (arrived !== page.name) throw new Error(`${page.path} led to ${arrived}`);
  return lhr;
};

/** How fast the machine was during each look, by a small computation that Lighthouse times. */
const machine = [];

const measure = async (port, page, [form, config]) => {
  const looks = [];
  for (let run = 0; run < Number(runs); run += 1) looks.push(await look(port, page, config));
  const found = looks.map(figures);
  machine.push(...found.map((each) => each.machine));
  const scores = CATEGORIES.map((_, index) => middle(found.map((each) => each.scores[index])));
  const [bytes, all] = ['page', 'all'].map((what) => middle(found.map((each) => each[what])));
  console.log(`| ${[page.name, form, ...scores, bytes.toLocaleString('en'), all.toLocaleString('en')].join(' | ')} |`);
  const report = `${page.name.slice(1).replaceAll('/', '-')}-${form}.html`;
  writeFileSync(join(folder, report), generateReport(looks.at(-1), 'html'));
  const poor = CATEGORIES.filter((_, index) => scores[index] < GOAL);
  return poor.map((id) => `${page.name}, ${form}, ${id}: ${failed(looks.at(-1), id).join('; ')}`);
};

const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const options = {
  chromePath: chromium,
  chromeFlags: ['--headless=new', '--disable-gpu', '--disable-dev-shm-usage', ...asRoot],
  logLevel: 'error',
};

console.log('| page | form factor | performance | accessibility | best practices | bytes of the page | bytes in all |');
console.log('| --- | --- | --- | --- | --- | --- | --- |');
const poor = [];
for (const page of await pages()) {
  // A browser of its own for each page: a cookie that another page left behind would be sent instead of ours.
  const chrome = await launch(options);
  try {
    for (const form of FORMS) poor.push(...await measure(chrome.port, page, form));
  } finally {
    chrome.kill();
  }
}
const index = [Math.min(...machine), middle(machine), Math.max(...machine)].map((each) => each.toFixed(0));
console.log(`\nLighthouse's index of this machine: ${index[0]} to ${index[2]}, in the middle ${index[1]}.`);
console.log('Figures of performance count where it stays near its highest: other programs slow a page down, too.');
console.log(poor.length ? `\nUnder ${GOAL}, by the last run:` : `\nNo score is under ${GOAL}.`);
for (const line of poor) console.log(`- ${line}`);
