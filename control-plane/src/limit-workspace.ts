/**
 * `node src/limit-workspace.ts <workspace> [--set runs.day=5000,agents.now=10] [--reset runs.day] [--reason TEXT]`: what one workspace may
 * use instead of the default of the installation; 0 is unlimited, `--reset` goes back to the default. Without either: shows what is
 * set. In force within two seconds.
 */
import { parseArgs } from 'node:util';
import { readConfig } from './config.ts';
import { parseWorkspaceLimits, partsOf, type UsageLimitName } from './domain/rules/workspace-limits.ts';
import { recordSecurityEvent } from './platform/audit.ts';
import { type Db, openDb } from './platform/db.ts';
import { runOperatorCommand } from './platform/operator-command.ts';
import { inTransaction } from './platform/transaction.ts';

const MOST_REASON = 500;
const text = { type: 'string', default: '' } as const;

await runOperatorCommand(
  'node src/limit-workspace.ts [organization/]workspace [--set runs.day=5000,...] [--reset agents.now,...] [--reason TEXT]',
  async () => {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { set: text, reset: text, reason: text } });
    const [ref, ...more] = positionals;
    if (!ref || more.length > 0) throw new RangeError(`expected one workspace, got ${positionals.length}`);
    if (values.reason.length > MOST_REASON) throw new RangeError(`--reason: expected at most ${MOST_REASON} characters`);
    const set = Object.entries(parseWorkspaceLimits(values.set)) as [UsageLimitName, number][];
    const reset = Object.keys(parseWorkspaceLimits(values.reset.replaceAll(/([^,\s]+)/g, '$1=0'))) as UsageLimitName[];
    const twice = reset.find((name) => set.some(([each]) => each === name));
    if (twice) throw new RangeError(`${twice}: expected in --set or in --reset, not in both`);
    const db = openDb({ url: readConfig().databaseUrl, maxConnections: 2 });
    try {
      await limitWorkspace(db, ref, { set, reset, reason: values.reason });
    } finally {
      await db.close();
    }
  },
);

async function limitWorkspace(
  db: Db,
  ref: string,
  { set, reset, reason }: { set: [UsageLimitName, number][]; reset: UsageLimitName[]; reason: string },
): Promise<void> {
  const [organization, slug] = ref.includes('/') ? ref.split('/') : [undefined, ref];
  const found = await db.system.workspace.findMany({
    where: { slug: slug ?? '', ...(organization ? { organization: { slug: organization } } : {}) },
  });
  const [workspace] = found;
  if (!workspace || found.length > 1)
    throw new RangeError(`expected one workspace "${ref}" (or organization/workspace), found ${found.length}`);
  if (set.length + reset.length > 0) {
    await inTransaction(db.systemSql, async (sql) => {
      for (const [name, most] of set) {
        const { kind, span } = partsOf(name);
        await sql.query(
          `INSERT INTO usage_limit (workspace_id, kind, span, most, reason) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (workspace_id, kind, span) DO UPDATE SET most = excluded.most, reason = excluded.reason, set_at = now()`,
          [workspace.id, kind, span, most, reason],
        );
      }
      for (const name of reset) {
        const { kind, span } = partsOf(name);
        await sql.query('DELETE FROM usage_limit WHERE workspace_id = $1 AND kind = $2 AND span = $3', [workspace.id, kind, span]);
      }
      await recordSecurityEvent(
        { systemSql: sql },
        {
          action: 'workspace.limit',
          outcome: 'done',
          actor: { kind: 'loop', id: null, name: 'operator of the installation' },
          target: { kind: 'workspace', id: workspace.id },
          organizationIds: [workspace.organizationId],
          workspaceId: workspace.id,
          address: null,
          details: { set: Object.fromEntries(set), reset, reason },
        },
      );
    });
  }
  const { rows } = await db.systemSql.query(
    'SELECT kind, span, most::float8 AS most, reason FROM usage_limit WHERE workspace_id = $1 ORDER BY 1, 2',
    [workspace.id],
  );
  console.log(JSON.stringify({ workspace: workspace.slug, limits: rows }));
}
