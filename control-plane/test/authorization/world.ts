/** A workspace with one thing of each kind in it, and all that it has as text. */
import { type IdKind, toId, toUuid, uuidv7 } from '@signalbox/proto';
import type { Tenant, TestApi } from '../api.ts';
import { deployOf } from '../deploy-input.ts';

/** One thing of each kind in a workspace. */
export type World = {
  readonly tenant: Tenant;
  readonly ids: Readonly<Partial<Record<IdKind, string>>>;
  readonly names: Readonly<Record<string, string>>;
};

export const CRON = { kind: 'cron', cron: '0 6 * * *' } as const;
export const RANGE = { from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z' };

/** Names of all begin with `word`. */
export async function populate(api: TestApi, word: string): Promise<World> {
  const tenant = await api.tenant();
  const { owner, workspaceId } = tenant;
  await owner.workPools.create({ name: `${word}-pool` });
  await owner.workPools.upsertQueue({ pool: 'local', name: `${word}-queue` });
  const calendar = await owner.calendars.create({ name: `${word}-calendar`, rules: {} });
  const { deployment } = await owner.deployments.deploy(deployOf({ flow: `${word} flow`, name: `${word} deployment` }));
  const schedule = await owner.schedules.create({ deployment: deployment.id, slug: `${word}-schedule`, spec: CRON });
  const backfill = await owner.backfills.create({ deployment: deployment.id, schedule: schedule.slug, ...RANGE });
  const limit = await owner.limits.create({ name: `${word}-limit`, slots: 1 });
  const run = await owner.runs.create({ deployment: deployment.id, name: `${word} run`, parameters: { secret: `${word} parameter` } });
  const { key } = await owner.apiKeys.create({ name: `${word} key` });
  const team = await owner.teams.create({ slug: `${word}-team`, name: `${word} team` });
  const role = await owner.roles.create({ slug: `${word}-role`, name: `${word} role`, scopes: ['runs:read'] });
  const serviceAccount = await owner.serviceAccounts.create({ slug: `${word}-account`, name: `${word} account` });
  const { invitation } = await owner.invitations.create({ email: `${word}@example.com` });
  const grant = await owner.access.grant({ subject: { kind: 'team', id: team.id }, role: 'viewer' });
  const connection = await owner.sso.create({ kind: 'oidc', name: word, issuer: 'https://id.example', clientId: 'x', clientSecret: 'x' });
  const domain = await owner.sso.addDomain({ domain: `${tenant.slug}.example` });
  const { token } = await owner.scim.createToken({ name: word });
  const { channel } = await owner.notifications.create({ name: `${word}-channel`, target: { kind: 'email', to: [`${word}@example.com`] } });
  const incident = await owner.incidents.declare({ title: `${word} incident` });
  const sla = await owner.slas.create({ name: `${word}-sla`, kind: 'lateness', deployment: deployment.id, seconds: 60 });
  const { webhook } = await owner.webhooks.create({ name: `${word}-webhook` });
  const failureGroup = uuidv7(Date.now());
  await api.db.systemSql.query(
    `INSERT INTO failure_group (id, workspace_id, fingerprint, kind, title, message, frames, first_at, last_at, first_run_id, last_run_id)
     VALUES ($1, $2, '\\x00', 'application', $3, '', '{}', now(), now(), $1, $1)`,
    [failureGroup, workspaceId, `${word} failure`],
  );
  await owner.blocks.setType({ name: `${word}-type`, schema: { type: 'object', properties: {} } });
  const block = await owner.blocks.set({ type: `${word}-type`, name: `${word}-block`, value: {} });
  const delivery = await owner.notifications.test({ channel: channel.id });
  const job = await owner.bulk.cancel({ filter: { name: { contains: 'nothing has it' } } });
  const hold = await owner.retention.hold({ run: run.id, reason: word });
  const automation = await owner.automations.create({
    name: `${word} automation`,
    enabled: false,
    trigger: { type: 'event', expect: [word] },
  });
  const [firing, action] = [uuidv7(Date.now()), uuidv7(Date.now())];
  await api.db.systemSql.query(
    `INSERT INTO automation_firing (id, workspace_id, automation_id, kind, at, key, why) VALUES ($1, $2, $3, 'triggered', now(), '[]', $4)`,
    [firing, workspaceId, toUuid('automation', automation.id), word],
  );
  await api.db.systemSql.query(
    `INSERT INTO automation_action (id, workspace_id, automation_id, firing_id, index, action, scopes, status)
     VALUES ($1, $2, $3, $4, 0, '{"type": "cancel-run"}', '{}', 'failed')`,
    [action, workspaceId, toUuid('automation', automation.id), firing],
  );
  const agent = uuidv7(Date.now());
  await api.db.system.agent.create({ data: { id: agent, workspaceId, poolId: tenant.poolId, name: `${word}-agent`, publicKey: agent } });
  const [queue] = (
    await api.db.systemSql.query('SELECT id FROM work_queue WHERE workspace_id = $1 AND name = $2', [workspaceId, `${word}-queue`])
  ).rows;
  const ids = {
    workspace: toId('workspace', workspaceId),
    workPool: toId('workPool', tenant.poolId),
    workQueue: toId('workQueue', (queue as { id: string }).id),
    agent: toId('agent', agent),
    flow: deployment.flow.id,
    deployment: deployment.id,
    schedule: schedule.id,
    calendar: calendar.id,
    backfill: backfill.id,
    limit: limit.id,
    run: run.id,
    apiKey: key.id,
    bulkJob: job.id,
    organization: toId('organization', tenant.organizationId),
    team: team.id,
    role: role.id as string,
    serviceAccount: serviceAccount.id,
    grant: grant.id,
    ssoConnection: connection.id,
    domain: domain.id,
    scimToken: token.id,
    invitation: invitation.id,
    legalHold: hold.id,
    automation: automation.id,
    automationFiring: toId('automationFiring', firing),
    automationAction: toId('automationAction', action),
    channel: channel.id,
    incident: incident.id,
    webhook: webhook.id,
    sla: sla.id,
    failureGroup: toId('failureGroup', failureGroup),
    delivery: delivery.id,
    block: block.id,
    user: toId('user', (await api.db.system.user.findFirstOrThrow({ where: { email: tenant.ownerEmail } })).id),
  };
  const names = { schedule: `${word}-schedule`, calendar: `${word}-calendar`, workPool: `${word}-pool`, workQueue: `${word}-queue` };
  return { tenant, ids, names };
}

/** Everything that a workspace and its organization have, as text. */
export async function everythingOf(api: TestApi, { tenant }: World): Promise<string> {
  const tables = await api.db.systemSql.query<{ name: string; column: string }>(
    `SELECT c.relname AS name, min(a.attname) AS column FROM pg_class c
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname IN ('workspace_id', 'organization_id')
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition GROUP BY 1 ORDER BY 1`,
  );
  const parts = [];
  for (const { name, column } of tables.rows) {
    const sql = `SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') AS all FROM "${name}" t WHERE ${column} = $1`;
    const id = column === 'workspace_id' ? tenant.workspaceId : tenant.organizationId;
    parts.push(`${name}: ${((await api.db.systemSql.query(sql, [id])).rows[0] as { all: string }).all}`);
  }
  return parts.join('\n');
}
