import { decode, encodeUser, type User } from '@nats-io/jwt';
import { createAccount, createUser, fromPublic, type KeyPair } from '@nats-io/nkeys';
import { connect, jwtAuthenticator } from '@nats-io/transport-node';
import { toUuid } from '@signalbox/proto';
import type { EnrollReply } from '@signalbox/proto/messages';
import { agentSubjects } from '@signalbox/proto/subjects';
import { expect, it } from 'vitest';
import { openTestApi } from '../../../test/api.ts';
import { startTestBus } from '../../../test/bus.ts';
import { createApp } from '../../app.ts';
import { openNatsAccounts } from '../../platform/nats-accounts.ts';
import { keyPairOf } from '../../platform/nats-keys.ts';
import { sealOf } from '../../platform/seal.ts';
import { auditRefusedConnections } from './refused-connections.ts';

it('an agent that enrolled may connect, until it is revoked or its credential is over: it stays out, and the audit says so', async () => {
  await using server = await startTestBus();
  await using api = await openTestApi({ agentNatsUrls: [server.url] });
  const { settings } = api.services;
  const accounts = await openNatsAccounts({ url: server.url, trust: server.trust, seal: sealOf(settings.secret), db: api.db.system });
  try {
    const services = { ...api.services, credentials: accounts };
    auditRefusedConnections(services, accounts);
    const tenant = await api.tenant(services);
    const enroll = async () => {
      const { code } = await tenant.owner.agents.createJoinCode({ pool: 'local' });
      const key = createUser();
      const response = await createApp(services).request('/api/agents/enroll', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ joinCode: code, publicKey: key.getPublicKey(), name: 'host' }),
      });
      return { key, ...((await response.json()) as EnrollReply) };
    };
    const dial = ({ key, agent, jwt, natsUrls }: Awaited<ReturnType<typeof enroll>>) =>
      connect({
        servers: natsUrls,
        authenticator: jwtAuthenticator(jwt, key.getSeed()),
        inboxPrefix: agentSubjects.inboxPrefix(agent.slice('agt_'.length)),
        reconnect: false,
      });
    const revoked = await enroll();
    const connection = await dial(revoked);
    await connection.flush();

    await tenant.owner.agents.revoke({ agent: revoked.agent });
    expect(String(await connection.closed())).toMatch(/authorization|authentication|revoked/i);
    await expect(dial(revoked)).rejects.toThrow(/authorization/i);

    // A credential that is over, as we signed it; and one by somebody who knows an agent's public key alone, which is no row.
    const [late, forged] = [await enroll(), await enroll()];
    const { rows } = await api.db.systemSql.query<{ sealed: string; account: string }>(
      'SELECT sealed_signing_seed AS sealed, public_key AS account FROM nats_account',
    );
    const { sealed = '', account = '' } = rows[0] ?? {};
    const signedBy = async (signer: KeyPair, own: typeof late) => ({
      ...own,
      jwt: await encodeUser('x', fromPublic(own.key.getPublicKey()), fromPublic(account), decode<User>(own.jwt).nats, {
        signer,
        scopedUser: true,
        exp: Math.floor(Date.now() / 1000) - 60,
      }),
    });
    await expect(dial(await signedBy(createAccount(), forged))).rejects.toThrow(/authorization/i);
    await expect(dial(await signedBy(keyPairOf(await sealOf(settings.secret).open(sealed)), late))).rejects.toThrow(/authorization/i);

    const refusals = async () => (await tenant.audit('agent.refuse-connection')).map(({ targetId, after }) => ({ targetId, after }));
    await expect.poll(refusals).toEqual([
      { targetId: toUuid('agent', revoked.agent), after: { reason: 'revoked' } },
      { targetId: toUuid('agent', late.agent), after: { reason: 'expired' } },
    ]);
  } finally {
    await accounts.close();
  }
});
