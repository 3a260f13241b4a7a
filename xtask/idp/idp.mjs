// An OpenID Connect provider for the tests: `oidc-provider`, a certified implementation that is not ours.
//
// Listens on a free port of 127.0.0.1, prints `{"issuer": "http://127.0.0.1:PORT"}` as one line, and stops at
// the end of its standard input, so that it never outlives the test that started it.
//
// Environment:
//   KEYWARD_IDP_CLIENTS   JSON array of clients: client_id, client_secret, redirect_uris,
//                         post_logout_redirect_uris, backchannel_logout_uri, and whatever else the library takes
//   KEYWARD_IDP_ACCOUNTS  JSON array that replaces ACCOUNTS below
//   KEYWARD_IDP_CLAIMS    `id_token` (default): claims stand in the ID token; `userinfo`: only at its userinfo endpoint
//
// A browser signs in with the form (fields `login` and `password`), or without any page by `login_hint=LOGIN`
// in the authorization request. `POST /rotate-keys` makes a new signing key and withdraws the old one.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

// The library warns of what does not befit production; the tests' output is not the place for it.
console.warn = () => {};
const { default: Provider } = await import('oidc-provider');

const PASSWORD = 'a password of the tests';

const ACCOUNTS = [
  { sub: 'idp-1', login: 'bea', email: 'bea@acme.example', email_verified: true, preferred_username: 'bea' },
  { sub: 'idp-2', login: 'joe', email: 'joe@acme.example', email_verified: false, preferred_username: 'joe' },
];

const fromEnvironment = (name, otherwise) => JSON.parse(process.env[name] || 'null') ?? otherwise;
const accounts = fromEnvironment('KEYWARD_IDP_ACCOUNTS', ACCOUNTS);
const clients = fromEnvironment('KEYWARD_IDP_CLIENTS', []);
const inIdToken = (process.env.KEYWARD_IDP_CLAIMS || 'id_token') === 'id_token';

const newKey = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };
};

// Everybody who signs in has agreed to whatever the client asks for.
const loadExistingGrant = async (ctx) => {
  const { client, session, provider, params } = ctx.oidc;
  const known = session.grantIdFor(client.clientId);
  const grant = (known && await provider.Grant.find(known))
    || new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(params.scope);
  await grant.save();
  return grant;
};

const findAccount = (ctx, sub) => {
  const account = accounts.find((each) => each.sub === sub);
  return account && { accountId: sub, claims: async () => account };
};

const configuration = () => ({
  clients,
  jwks: { keys: [newKey()] },
  findAccount,
  loadExistingGrant,
  conformIdTokenClaims: !inIdToken,
  claims: { openid: ['sub', 'sid'], email: ['email', 'email_verified'], profile: ['preferred_username'] },
  pkce: { required: () => true },
  cookies: { keys: ['a cookie key of the tests'] },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  // The library refuses to call private addresses; the listeners of the tests are on one.
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
  ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 300, Interaction: 300, Session: 3600, Grant: 3600 },
});

let issuer;
let provider;

// Sessions and codes are kept by the library beside its providers, so they outlive this.
const renew = () => {
  provider = new Provider(issuer, configuration());
  provider.on('backchannel.error', (ctx, error) => console.error('back-channel logout:', error.message));
  provider.on('server_error', (ctx, error) => console.error('server error:', error));
};

const body = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return new URLSearchParams(Buffer.concat(chunks).toString());
};

const form = (uid, complaint) => `<!doctype html>
<html lang="en"><title>Sign in</title><h1>Sign in</h1><p>${complaint}</p>
<form method="post" action="/interaction/${encodeURIComponent(uid)}">
<label>Login <input name="login" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<button>Sign in</button></form></html>`;

const page = (response, status, html) => {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(html);
};

const interaction = async (request, response) => {
  const { uid, params } = await provider.interactionDetails(request, response);
  const sent = request.method === 'POST' ? await body(request) : undefined;
  const login = sent ? sent.get('login') : params.login_hint;
  const account = accounts.find((each) => each.login === login);
  if (account && (!sent || sent.get('password') === PASSWORD)) {
    await provider.interactionFinished(request, response, { login: { accountId: account.sub } });
  } else {
    page(response, sent ? 401 : 200, form(uid, sent ? 'Wrong login or password.' : ''));
  }
};

const server = createServer(async (request, response) => {
  try {
    if (request.method === 'POST' && request.url === '/rotate-keys') {
      renew();
      response.writeHead(204).end();
    } else if (request.url.startsWith('/interaction/')) {
      await interaction(request, response);
    } else {
      await provider.callback()(request, response);
    }
  } catch (error) {
    console.error(error);
    page(response, 500, `<!doctype html><title>Error</title><p>${error.name}`);
  }
});

server.listen(0, '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  renew();
  console.log(JSON.stringify({ issuer }));
});
process.stdin.resume().on('end', () => process.exit(0));
