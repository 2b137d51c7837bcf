/**
 * `node src/limit-workspace.ts <workspace> [--set runs.day=5000,agents.now=10] [--reset runs.day] [--reason TEXT]`: what one workspace may
 * use instead of the default of the installation; 0 is unlimited, `--reset` goes back to the default. Without either: shows what is
 * set. In force within two seconds.
 */
import { parseArgs } from 'node:util';
import { readConfig } from './config.ts';
import { parseWorkspaceLimits, partsOf, type UsageLimitName } from './domain/rules/workspace-limits.ts';
import { recordSecurityEvent } from './platform/audit.ts';
import { openDb } from './platform/db.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { set: { type: 'string', default: '' }, reset: { type: 'string', default: '' }, reason: { type: 'string', default: '' } },
});
const db = openDb({ url: readConfig().databaseUrl, maxConnections: 2 });
try {
  const [ref = ''] = positionals;
  const [organization, slug] = ref.includes('/') ? ref.split('/') : [undefined, ref];
  const found = await db.system.workspace.findMany({
    where: { slug: slug ?? '', ...(organization ? { organization: { slug: organization } } : {}) },
  });
  const [workspace] = found;
  if (!workspace || found.length > 1)
    throw new RangeError(`expected one workspace "${ref}" (or organization/workspace), found ${found.length}`);
  const set = Object.entries(parseWorkspaceLimits(values.set)) as [UsageLimitName, number][];
  const reset = Object.keys(parseWorkspaceLimits(values.reset.replaceAll(/([a-zA-Z.]+)/g, '$1=0'))) as UsageLimitName[];
  for (const [name, most] of set) {
    const { kind, span } = partsOf(name);
    await db.systemSql.query(
      `INSERT INTO usage_limit (workspace_id, kind, span, most, reason) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (workspace_id, kind, span) DO UPDATE SET most = excluded.most, reason = excluded.reason, set_at = now()`,
      [workspace.id, kind, span, most, values.reason],
    );
  }
  for (const name of reset) {
    const { kind, span } = partsOf(name);
    await db.systemSql.query('DELETE FROM usage_limit WHERE workspace_id = $1 AND kind = $2 AND span = $3', [workspace.id, kind, span]);
  }
  if (set.length + reset.length > 0) {
    await recordSecurityEvent(db, {
      action: 'workspace.limit',
      outcome: 'done',
      actor: { kind: 'loop', id: null, name: 'operator of the installation' },
      target: { kind: 'workspace', id: workspace.id },
      organizationIds: [workspace.organizationId],
      workspaceId: workspace.id,
      address: null,
      details: { set: Object.fromEntries(set), reset, reason: values.reason },
    });
  }
  const { rows } = await db.systemSql.query(
    'SELECT kind, span, most::float8 AS most, reason FROM usage_limit WHERE workspace_id = $1 ORDER BY 1, 2',
    [workspace.id],
  );
  console.log(JSON.stringify({ workspace: workspace.slug, limits: rows }));
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  await db.close();
}
