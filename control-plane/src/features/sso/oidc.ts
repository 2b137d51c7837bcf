/** OpenID Connect: authorization code with PKCE and nonce, by openid-client. */
import { toId } from '@signalbox/proto';
import * as oidc from 'openid-client';
import { outsideFetch } from '../../platform/outside-fetch.ts';
import { sealOf } from '../../platform/seal.ts';
import type { Settings } from '../../platform/services.ts';
import type { Connection, Profile } from './flow.ts';
import { RefusedSignOn } from './refused.ts';

const TIMEOUT_SECONDS = 10;
/** Marks a connection whose callback is its organization's own. */
export const OWN_CALLBACK = 'organization';

/** Where to send the browser, and what only we may know until it is back. */
export async function beginOidc(
  settings: Settings,
  connection: Connection,
  state: string,
  loginHint: string | null,
): Promise<{ url: string; request: Record<string, string> }> {
  const config = await configOf(settings, connection);
  const [verifier, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callbackOf(settings, connection),
    scope: 'openid email profile',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...(loginHint ? { login_hint: loginHint } : {}),
  });
  return { url: url.href, request: { verifier, nonce } };
}

/** Trades the code for who signed in. @throws RefusedSignOn when the provider's answer does not hold. */
export async function finishOidc(
  settings: Settings,
  connection: Connection,
  request: Record<string, string>,
  callback: { readonly search: string; readonly state: string },
): Promise<Profile> {
  const config = await configOf(settings, connection);
  const tokens = await oidc
    .authorizationCodeGrant(config, new URL(callbackOf(settings, connection) + callback.search), {
      pkceCodeVerifier: request['verifier'] ?? '',
      expectedNonce: request['nonce'] ?? '',
      expectedState: callback.state,
      idTokenExpected: true,
    })
    .catch((cause: unknown) => {
      throw new RefusedSignOn('provider', `the answer of the provider does not hold: ${(cause as Error).message}`);
    });
  const claims = tokens.claims();
  if (!claims) throw new RefusedSignOn('provider', 'the provider sent no ID token');
  // Providers may tell the email to the userinfo endpoint alone.
  const more =
    typeof claims['email'] === 'string' ? claims : await oidc.fetchUserInfo(config, tokens.access_token, claims.sub).catch(() => claims);
  const email = more['email'];
  if (typeof email !== 'string') throw new RefusedSignOn('email', 'the provider told no email; allow the scope "email"');
  if (more['email_verified'] === false) throw new RefusedSignOn('email', 'the provider says that the email is not verified');
  return { subject: claims.sub, email: email.toLowerCase(), name: typeof more['name'] === 'string' ? more['name'].slice(0, 200) : email };
}

async function configOf(settings: Settings, connection: Connection): Promise<oidc.Configuration> {
  const { issuer, clientId } = connection.config;
  if (!issuer || !clientId || !connection.sealedSecret) throw new RefusedSignOn('provider', 'the connection is not complete');
  const secret = await sealOf(settings.secret).open(connection.sealedSecret);
  return oidc
    .discovery(new URL(issuer), clientId, secret, undefined, {
      timeout: TIMEOUT_SECONDS,
      [oidc.customFetch]: outsideFetch(settings.privateProviders, 'SIGNALBOX_PRIVATE_PROVIDERS'),
      ...(settings.privateProviders ? { execute: [oidc.allowInsecureRequests] } : {}),
    })
    .catch((cause: unknown) => {
      throw new RefusedSignOn('provider', `the provider could not be asked: ${(cause as Error).message}`);
    });
}

/**
 * Where the provider leads back to: an address of the connection's organization alone. A provider of another one that sends people on to
 * this one so gets no code of theirs: it comes to an address where its own sign-on is not waited for. Connections of before have the
 * address that all shared.
 */
export function callbackOf(
  settings: Pick<Settings, 'publicUrl'>,
  connection: Pick<Connection, 'organizationId'> & { readonly config: unknown },
): string {
  const organization = organizationOfCallback(connection);
  return `${settings.publicUrl}/api/sso/callback${organization === null ? '' : `/${organization}`}`;
}

/** What stands last in its callback's address; null: nothing. */
export function organizationOfCallback({
  config,
  organizationId,
}: Pick<Connection, 'organizationId'> & { readonly config: unknown }): string | null {
  return (config as Record<string, string>)['callback'] === OWN_CALLBACK ? toId('organization', organizationId) : null;
}
