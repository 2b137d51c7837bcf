/** Events that running flows emit: from the call of the agent to the feed. */
import { toId } from '@signalbox/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApi, type Tenant, type TestApi } from '../../../test/api.ts';
import { createDispatchCtx, createYard, type Yard } from '../../../test/dispatch.ts';
import { positionAll } from '../../../test/events.ts';
import { answerCall } from '../calls/serve-calls.ts';

let api: TestApi;
let tenant: Tenant;
let yard: Yard;

beforeAll(async () => {
  api = await openTestApi();
  tenant = await api.tenant();
  yard = await createYard(api.db, tenant.workspaceId);
});
afterAll(() => api?.[Symbol.asyncDispose]());

async function atWork() {
  const agentId = await yard.addAgent();
  const deploymentId = await yard.addDeployment();
  const [runId = ''] = await yard.addRuns(deploymentId, 1, { name: 'brave-otter', tags: ['nightly'] });
  const [claimed] = (await yard.claim(agentId, 1)).runs;
  const run = toId('run', runId);
  const ask = (op: object, agent = agentId, workspaceId = yard.workspaceId) =>
    answerCall(createDispatchCtx(api.db), { workspaceId, agentId: agent }, { v: 1, session: 1, run, epoch: claimed?.epoch ?? 0, op });
  return { run, runId, deployment: toId('deployment', deploymentId), ask };
}
const paid = (more: object = {}) => ({
  name: 'events.emit',
  requestId: crypto.randomUUID(),
  event: 'order.paid',
  resource: 'order/4711',
  payload: { amount: 12 },
  occurredAt: '2026-01-02T03:04:05.000Z',
  ...more,
});
async function feed(about: string, of = tenant) {
  await positionAll(api.db.systemSql);
  return (await of.owner.events.list({ about, names: ['!run.*'], after: 0 })).items;
}

test('an event is in the feed as the flow told it, with the run and what the run belongs to', async () => {
  const { run, deployment, ask } = await atWork();
  const op = paid();
  expect(await ask(op)).toEqual({ id: op.requestId });
  const [event, ...others] = await feed('order/4711');
  expect(others).toEqual([]);
  expect(event).toMatchObject({
    id: op.requestId,
    name: 'order.paid',
    resource: { id: 'order/4711' },
    payload: { amount: 12 },
    occurredAt: op.occurredAt,
  });
  expect(event?.related).toEqual(
    expect.arrayContaining([
      { role: 'run', id: run, name: 'brave-otter' },
      expect.objectContaining({ role: 'flow', name: 'weather' }),
      expect.objectContaining({ role: 'deployment', id: deployment }),
      { role: 'tag', id: 'nightly' },
    ]),
  );
  expect(await feed(run)).toEqual([event]);
});

test('without a resource it is about the run', async () => {
  const { run, ask } = await atWork();
  await ask(paid({ resource: null }));
  const [event] = await feed(run);
  expect(event?.resource).toEqual({ id: run, kind: 'run', name: 'brave-otter' });
  expect(event?.related).toEqual(expect.arrayContaining([{ role: 'tag', id: 'nightly' }]));
});

test('a request is one event, however often and at once it is made, before and after it got its position', async () => {
  const { run, ask } = await atWork();
  const op = paid();
  const replies = await Promise.all([ask(op), ask(op), ask(op)]);
  expect(replies).toEqual(replies.map(() => ({ id: op.requestId })));
  expect(await feed(run)).toHaveLength(1);
  await ask(op);
  expect(await feed(run)).toHaveLength(1);
});

test('a clock that is far ahead gives way to ours', async () => {
  const { run, ask } = await atWork();
  await ask(paid({ occurredAt: '2999-01-01T00:00:00.000Z' }));
  const [event] = await feed(run);
  expect(Date.parse(event?.occurredAt ?? '')).toBeLessThanOrEqual(Date.parse(event?.receivedAt ?? ''));
});

test('what is refused leaves no event: a name of ours or in another grammar, a large payload, a run that is not held', async () => {
  const { run, ask } = await atWork();
  for (const event of ['run.paid', 'command.x', 'Order Paid']) {
    await expect(ask(paid({ event }))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  }
  await expect(ask(paid({ payload: { x: 'x'.repeat(70_000) } }))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(ask(paid(), await yard.addAgent())).rejects.toMatchObject({ code: 'CONFLICT' });
  const stranger = await api.tenant();
  await expect(ask(paid(), undefined, stranger.workspaceId)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect([...(await feed(run)), ...(await feed(run, stranger))]).toEqual([]);
});

test('the event over 10,000 of a run is refused, and a repeat of one that was taken is not', async () => {
  const { run, runId, ask } = await atWork();
  const taken = paid();
  await ask(taken);
  await api.db.systemSql.query(
    'INSERT INTO custom_event (workspace_id, run_id, id) SELECT $1, $2, gen_random_uuid() FROM generate_series(2, 10000)',
    [yard.workspaceId, runId],
  );
  await expect(ask(paid())).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  expect(await ask(taken)).toEqual({ id: taken.requestId });
  expect(await feed(run)).toHaveLength(1);
});
