/** Edges of the status of agents and pools, each told once. Time is set, never waited for. */
import { toId } from '@signalbox/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApi, type Tenant, type TestApi } from '../../../test/api.ts';
import { createYard, passServedTime, type Yard } from '../../../test/dispatch.ts';
import { positionAll } from '../../../test/events.ts';
import { tellStatuses } from './status-loop.ts';

let api: TestApi;
let tenant: Tenant;
let yard: Yard;

beforeAll(async () => {
  api = await openTestApi();
  tenant = await api.tenant();
  yard = await createYard(api.db, tenant.workspaceId);
});
afterAll(() => api?.[Symbol.asyncDispose]());

const renew = (agentId: string) => yard.q(`UPDATE agent SET lease_until = served_now() + interval '1 minute' WHERE id = $1`, [agentId]);

let after = 0;
/** Several replicas look at once, until nothing is left; what the feed says since the last time. */
async function told() {
  const look = async (): Promise<unknown> => (await tellStatuses(api.db)) > 0 && look();
  await Promise.all([look(), look(), look()]);
  await look();
  await positionAll(api.db.systemSql);
  const { items } = await tenant.owner.events.list({ names: ['agent.*', 'work-pool.*'], after });
  after = items.at(-1)?.position ?? after;
  return items.map(({ name, resource, payload }) => `${name} ${resource['id']} was ${payload['was']}`).sort();
}

test('each edge is told once: of an agent and of the pool it serves', async () => {
  expect(await told()).toEqual([]);
  const id = await yard.addAgent();
  const [agent, pool] = [toId('agent', id), toId('workPool', yard.poolId)];
  expect(await told()).toEqual([`agent.online ${agent} was offline`, `work-pool.ready ${pool} was not-ready`]);
  await renew(id);
  expect(await told()).toEqual([]);

  await passServedTime(api.db, 61_000);
  expect(await told()).toEqual([`agent.offline ${agent} was online`, `work-pool.not-ready ${pool} was ready`]);
  await renew(id);
  expect(await told()).toEqual([`agent.online ${agent} was offline`, `work-pool.ready ${pool} was not-ready`]);

  await tenant.owner.workPools.pause({ pool: 'yard' });
  expect(await told()).toEqual([`work-pool.paused ${pool} was ready`]);
  await tenant.owner.workPools.resume({ pool: 'yard' });
  await tenant.owner.agents.quarantine({ agent });
  expect(await told()).toEqual([`agent.quarantined ${agent} was online`, `work-pool.not-ready ${pool} was paused`]);
  await tenant.owner.agents.release({ agent });
  await yard.q(`UPDATE agent SET backoff_until = now() + interval '1 hour' WHERE id = $1`, [id]);
  expect(await told()).toEqual([`agent.online ${agent} was quarantined`]);
  await tenant.owner.agents.revoke({ agent });
  expect(await told()).toEqual([`agent.revoked ${agent} was online`]);
});

test('the pool of an agent is related, and the status that is told is the one that is shown', async () => {
  const id = await yard.addAgent();
  await told();
  const { items } = await tenant.owner.events.list({ resource: toId('agent', id) });
  const { name, status } = await tenant.owner.agents.get({ agent: toId('agent', id) });
  expect(items).toMatchObject([
    {
      name: `agent.${status}`,
      resource: { kind: 'agent', name, status },
      related: [{ role: 'work-pool', id: toId('workPool', yard.poolId), name: 'yard' }],
    },
  ]);
  const pools = await tenant.owner.workPools.list({ limit: 10 });
  const { rows } = await api.db.systemSql.query<{ name: string; status: string }>(
    'SELECT name, told_status AS status FROM work_pool WHERE workspace_id = $1',
    [tenant.workspaceId],
  );
  expect(new Map(rows.map((row) => [row.name, row.status]))).toEqual(new Map(pools.items.map((pool) => [pool.name, pool.status])));
});
