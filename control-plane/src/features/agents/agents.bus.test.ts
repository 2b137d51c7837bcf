import { createUser } from '@nats-io/nkeys';
import { connect, jwtAuthenticator } from '@nats-io/transport-node';
import type { EnrollReply } from '@signalbox/proto/messages';
import { agentSubjects } from '@signalbox/proto/subjects';
import { expect, it } from 'vitest';
import { openTestApi } from '../../../test/api.ts';
import { startTestBus } from '../../../test/bus.ts';
import { createApp } from '../../app.ts';
import { openNatsAccounts } from '../../platform/nats-accounts.ts';
import { sealOf } from '../../platform/seal.ts';

it('an agent that enrolled may connect, until it is revoked: then its socket closes and it stays out', async () => {
  await using server = await startTestBus();
  await using api = await openTestApi({ agentNatsUrls: [server.url] });
  const { settings } = api.services;
  const accounts = await openNatsAccounts({ url: server.url, trust: server.trust, seal: sealOf(settings.secret), db: api.db.system });
  try {
    const services = { ...api.services, credentials: accounts };
    const tenant = await api.tenant(services);
    const { code } = await tenant.owner.agents.createJoinCode({ pool: 'local' });
    const key = createUser();
    const response = await createApp(services).request('/api/agents/enroll', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ joinCode: code, publicKey: key.getPublicKey(), name: 'host' }),
    });
    const { agent, jwt, natsUrls } = (await response.json()) as EnrollReply;
    const dial = () =>
      connect({
        servers: natsUrls,
        authenticator: jwtAuthenticator(jwt, key.getSeed()),
        inboxPrefix: agentSubjects.inboxPrefix(agent.slice('agt_'.length)),
        reconnect: false,
      });
    const connection = await dial();
    await connection.flush();

    await tenant.owner.agents.revoke({ agent });
    expect(String(await connection.closed())).toMatch(/authorization|authentication|revoked/i);
    await expect(dial()).rejects.toThrow(/authorization/i);
  } finally {
    await accounts.close();
  }
});
