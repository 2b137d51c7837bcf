/** SAML 2.0 by node-saml: signed assertions, in answer to a request of ours, to our audience. What comes unasked is refused. */
import type { SAML } from '@node-saml/node-saml';
import { toId } from '@signalbox/proto';
import type { Settings } from '../../platform/services.ts';
import { type Connection, FLOW_SECONDS, type Profile } from './flow.ts';
import { RefusedSignOn } from './refused.ts';

const EMAIL_CLAIMS = [
  'email',
  'mail',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  'urn:oid:0.9.2342.19200300.100.1.3',
];
const NAME_CLAIMS = [
  'displayName',
  'name',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
  'urn:oid:2.16.840.1.113730.3.1.241',
];

export async function beginSaml(
  settings: Settings,
  connection: Connection,
  state: string,
): Promise<{ url: string; request: Record<string, string> }> {
  const request: Record<string, string> = {};
  const saml = await samlOf(settings, connection, request);
  const url = await saml.getAuthorizeUrlAsync(state, undefined, {});
  return { url, request };
}

/** Who signed in, from what the provider posted. @throws RefusedSignOn when signature, audience, time or request do not fit. */
export async function readSaml(
  settings: Settings,
  connection: Connection,
  request: Record<string, string>,
  response: string,
): Promise<Profile> {
  const saml = await samlOf(settings, connection, request);
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: response }).catch((cause: unknown) => {
    throw new RefusedSignOn('provider', `the answer of the provider does not hold: ${(cause as Error).message}`);
  });
  if (!profile) throw new RefusedSignOn('provider', 'the provider named nobody');
  const claim = (names: readonly string[]): string | undefined => {
    const found = names.map((name) => profile[name]).find((value) => typeof value === 'string' && value !== '');
    return typeof found === 'string' ? found : undefined;
  };
  const email = claim(EMAIL_CLAIMS) ?? (profile.nameID.includes('@') ? profile.nameID : undefined);
  if (!email) throw new RefusedSignOn('email', 'the assertion holds no email; add the attribute "email"');
  return { subject: profile.nameID, email: email.toLowerCase(), name: (claim(NAME_CLAIMS) ?? email).slice(0, 200) };
}

/** What the provider's administrator pastes or fetches. */
export async function samlMetadata(settings: Settings, connection: Connection): Promise<string> {
  return (await samlOf(settings, connection, {})).generateServiceProviderMetadata(null);
}

async function samlOf(settings: Settings, connection: Connection, request: Record<string, string>): Promise<SAML> {
  const { entryPoint, idpIssuer, certificate } = connection.config;
  if (!entryPoint || !certificate) throw new RefusedSignOn('provider', 'the connection is not complete');
  // Loaded with the first sign-on: most installations have none.
  const { SAML, ValidateInResponseTo } = await import('@node-saml/node-saml');
  const base = `${settings.publicUrl}/api/sso/saml/${toId('ssoConnection', connection.id)}`;
  return new SAML({
    entryPoint,
    issuer: `${base}/metadata`,
    audience: `${base}/metadata`,
    callbackUrl: `${base}/acs`,
    idpCert: certificate,
    ...(idpIssuer ? { idpIssuer } : {}),
    wantAssertionsSigned: true,
    // Some sign the assertion alone; that is the one that counts.
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.always,
    requestIdExpirationPeriodMs: FLOW_SECONDS * 1_000,
    acceptedClockSkewMs: 60_000,
    disableRequestedAuthnContext: true,
    signatureAlgorithm: 'sha256',
    // The one request of this sign-on, which the flow keeps.
    cacheProvider: {
      async saveAsync(key, value) {
        request[key] = value;
        return { createdAt: Date.now(), value };
      },
      getAsync: async (key) => request[key] ?? null,
      async removeAsync(key) {
        if (key === null || !(key in request)) return null;
        delete request[key];
        return key;
      },
    },
  });
}
