/** The command line asks whether it was approved, and collects its API key, once. */
import type { LoginPoll } from '../../api.ts';
import { greatestRole } from '../../domain/access.ts';
import { accessOfPerson } from '../../platform/access-rows.ts';
import { writeAudit } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { limitExceeded } from '../../platform/errors.ts';
import { hashSecret } from '../../platform/secrets.ts';
import type { Request } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { tokenBuckets } from '../../platform/token-bucket.ts';
import { mintApiKey } from '../api-keys/index.ts';

const KEY_DAYS = 90;
const DAY_MS = 86_400_000;
/** The device code has 256 bits; this only keeps a loop without a pause off the database. */
const polls = tokenBuckets({ capacity: 60, refillPerSecond: 2 });

type Login = {
  id: string;
  state: 'pending' | 'approved' | 'over';
  approved_by: string | null;
  workspace_id: string | null;
  with_organization: boolean;
};

type Approved = Login & { approved_by: string; workspace_id: string };

export async function pollLogin(request: Request, input: { deviceCode: string }): Promise<LoginPoll> {
  const waitMs = polls.take(request.address);
  if (waitMs !== null) throw limitExceeded('Polled too often; the answer to login.start says how often.', { retryAfterMs: waitMs });
  return request.services.db.system.$transaction(async (tx) => {
    // Locked: of two that poll at once, one collects and the other finds it over.
    const [login] = await tx.$queryRaw<Login[]>`
      SELECT id, approved_by, workspace_id, with_organization,
             CASE WHEN collected_at IS NOT NULL OR expires_at <= now() THEN 'over' WHEN approved_at IS NULL THEN 'pending' ELSE 'approved' END AS state
        FROM identity_device_login WHERE device_code_hash = ${hashSecret(input.deviceCode)} FOR UPDATE`;
    if (!login || login.state === 'over') return { status: 'expired' };
    if (login.state === 'pending' || !login.approved_by || !login.workspace_id) return { status: 'pending' };
    return collect(tx, request.id, login as Approved);
  });
}

/** The key may what its person may, from now on; somebody who left in between gets none. */
async function collect(tx: Tx, requestId: string, login: Approved): Promise<LoginPoll> {
  const { approved_by: userId, workspace_id: workspaceId } = login;
  await tx.$executeRaw`UPDATE identity_device_login SET collected_at = now() WHERE id = ${login.id}::uuid`;
  const user = await tx.user.findUnique({ where: { id: userId } });
  const access = await accessOfPerson(sqlOfTx(tx), userId);
  const workspace = access.workspaces.find((each) => each.id === workspaceId);
  if (!user || user.deactivatedAt || !workspace) return { status: 'expired' };
  const organization = access.organizations.find(({ id }) => id === workspace.organization.id);
  const { row, secret } = await mintApiKey(tx, {
    workspaceId,
    name: `${user.email} (command line)`,
    // Capped by what its owner may, so that access to single things comes through as well.
    role: greatestRole(workspace.scopes) ?? 'owner',
    organizationScopes: login.with_organization ? [...(organization?.scopes ?? [])] : [],
    owner: { kind: 'person', id: userId },
    expiresAt: new Date(Date.now() + KEY_DAYS * DAY_MS),
  });
  await writeAudit(tx, {
    workspaceId,
    actor: { kind: 'user', id: userId, name: user.name, email: user.email },
    action: 'api-key.create',
    requestId,
    facts: {
      target: { kind: 'api-key', id: row.id },
      before: null,
      after: { name: row.name, role: row.role, prefix: row.prefix, expiresAt: row.expiresAt },
    },
  });
  return { status: 'approved', secret, workspace: workspace.slug };
}
