/** Who dials NATS with a credential of ours that is over or was revoked: the server refuses it, and here it goes to the audit. */
import { recordRefusal } from '../../platform/audit.ts';
import type { NatsAccounts, RefusedConnection } from '../../platform/nats-accounts.ts';
import type { Services } from '../../platform/services.ts';

type Deps = Pick<Services, 'db' | 'log'>;

export function auditRefusedConnections(deps: Deps, accounts: Pick<NatsAccounts, 'onRefused'>): void {
  accounts.onRefused((refused) => {
    note(deps, refused).catch((err: unknown) => deps.log.error({ err }, 'a refused connection was not audited'));
  });
}

async function note(deps: Deps, { workspaceId, publicKey, address, isExpired }: RefusedConnection): Promise<void> {
  const agent = await deps.db.system.agent.findFirst({
    where: { workspaceId, publicKey },
    include: { workspace: { select: { organizationId: true } } },
  });
  if (!agent) return;
  const reason = agent.revokedAt ? 'revoked' : isExpired ? 'expired' : 'refused';
  recordRefusal(deps, {
    action: 'agent.refuse-connection',
    actor: { kind: 'agent', id: agent.id, name: agent.name },
    target: { kind: 'agent', id: agent.id },
    organizationIds: [agent.workspace.organizationId],
    workspaceId,
    address,
    details: { reason },
  });
}
