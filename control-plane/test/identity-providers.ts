/** Real identity providers on loopback ports: OpenID (oidc-provider), SAML (samlp), and the DNS server that vouches for domains. */
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
// Before the next: it tells its classes by decorators.
import 'reflect-metadata';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import express from 'express';
import Provider from 'oidc-provider';

const require = createRequire(import.meta.url);

export type OpenIdProvider = AsyncDisposable & { readonly issuer: string; readonly clientId: string; readonly clientSecret: string };
export type Person = { readonly sub: string; readonly email: string; readonly name: string; readonly emailVerified?: boolean };

/** A provider whose people sign in by being hinted at: the hint is looked up in `people` by email. It leads to whatever is below `callback`. */
export async function startOpenIdProvider(callback: string, people: () => readonly Person[]): Promise<OpenIdProvider> {
  const server = createServer();
  const issuer = await listen(server);
  const [clientId, clientSecret] = ['signalbox', 'a client secret that is long enough'];
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [callback], grant_types: ['authorization_code'] }],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    claims: { email: ['email', 'email_verified'], profile: ['name'] },
    ttl: { Interaction: 60, Grant: 60, Session: 60, AccessToken: 60, IdToken: 60 },
    cookies: { keys: ['a key of the tests'] },
    findAccount: (_ctx, id) => {
      const person = people().find(({ sub }) => sub === id);
      if (!person) return undefined;
      const { email, name, emailVerified } = person;
      return { accountId: id, claims: () => ({ sub: id, email, name, email_verified: emailVerified ?? true }) };
    },
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({ clientId, accountId: ctx.oidc.session?.accountId ?? '' });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  // Tests make organizations, each with an address of its own, after the provider is up.
  provider.Client.prototype.redirectUriAllowed = (uri: string) => uri.startsWith(callback);
  const handle = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void handle(request, response);
    void (async () => {
      const { params } = await provider.interactionDetails(request, response);
      const person = people().find(({ email }) => email === params['login_hint']);
      const outcome = person ? { login: { accountId: person.sub } } : { error: 'access_denied', error_description: 'nobody' };
      await provider.interactionFinished(request, response, outcome);
    })();
  });
  return { issuer, clientId, clientSecret, [Symbol.asyncDispose]: () => close(server) };
}

export type SamlProvider = AsyncDisposable & { readonly entryPoint: string; readonly issuer: string; readonly certificate: string };
type SamlAnswer = { readonly audience: string; readonly postUrl: string };

/** A provider that answers at once with whomever `who` names; `sign` with a stranger's key makes a forgery. */
export async function startSamlProvider(
  who: () => Person,
  answer: () => SamlAnswer,
): Promise<SamlProvider & { forge(isForged: boolean): void }> {
  const [own, stranger] = [await makeCertificate(), await makeCertificate()];
  let signer = own;
  const samlp = require('samlp') as { auth(options: object): express.RequestHandler };
  const app = express();
  const server = createServer(app);
  const issuer = await listen(server);
  app.get('/sso', (request, response, next) =>
    samlp.auth({
      issuer,
      cert: signer.certificate,
      key: signer.key,
      audience: answer().audience,
      recipient: answer().postUrl,
      destination: answer().postUrl,
      getPostURL: (_audience: string, _document: unknown, _request: unknown, done: (error: null, url: string) => void) =>
        done(null, answer().postUrl),
      getUserFromRequest: () => {
        const { sub, email, name } = who();
        return { id: sub, emails: [{ value: email }], displayName: name, name: { givenName: name, familyName: name } };
      },
    })(request, response, next),
  );
  return {
    entryPoint: `${issuer}/sso`,
    issuer,
    certificate: own.certificate,
    forge: (isForged) => {
      signer = isForged ? stranger : own;
    },
    [Symbol.asyncDispose]: () => close(server),
  };
}

/** A DNS server that knows the TXT records given. */
export async function startDns(records: () => Readonly<Record<string, string>>): Promise<AsyncDisposable & { readonly address: string }> {
  const dns2 = require('dns2') as { createServer(options: object): DnsServer; Packet: DnsPacket };
  const { Packet } = dns2;
  const server = dns2.createServer({
    udp: true,
    handle(request: { questions: { name: string }[] }, send: (response: unknown) => void) {
      const response = Packet.createResponseFromRequest(request);
      const name = request.questions[0]?.name ?? '';
      const data = records()[name.toLowerCase()];
      if (data) response.answers.push({ name, type: Packet.TYPE.TXT, class: Packet.CLASS.IN, ttl: 1, data });
      send(response);
    },
  });
  const { udp } = await server.listen({ udp: { port: 0, address: '127.0.0.1' } });
  return { address: `127.0.0.1:${udp.port}`, [Symbol.asyncDispose]: async () => void (await server.close()) };
}

type DnsServer = { listen(options: object): Promise<{ udp: { port: number } }>; close(): Promise<void> };
type DnsPacket = {
  createResponseFromRequest(request: unknown): { answers: object[] };
  TYPE: { TXT: number };
  CLASS: { IN: number };
};

/** Self-signed, for two days. */
async function makeCertificate(): Promise<{ key: string; certificate: string }> {
  const signingAlgorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 };
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=identity provider of the tests',
    keys,
    signingAlgorithm,
    notAfter: new Date(Date.now() + 2 * 86_400_000),
  });
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, certificate: certificate.toString('pem') };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
