/** Signs a credential for an agent, and gives it out only when the agent was still enrolled once it was signed. */
import { unauthenticated } from '../../platform/errors.ts';
import type { AgentCredentials, Services } from '../../platform/services.ts';

/**
 * A revocation refuses what was signed before it, and is said once more after its commit. Looking again after signing
 * closes what is left: either we see the commit, or we signed before it.
 * @throws UNAUTHENTICATED when the agent was revoked or deleted meanwhile.
 */
export async function issueCredential(
  { db, credentials }: Pick<Services, 'db' | 'credentials'>,
  agent: Parameters<AgentCredentials['issueAgentJwt']>[0],
): Promise<{ jwt: string; expiresAt: string }> {
  const { jwt, expiresAt } = await credentials.issueAgentJwt(agent);
  const now = await db.system.agent.findUnique({ where: { id: agent.agentId }, select: { revokedAt: true } });
  if (!now || now.revokedAt !== null) throw unauthenticated('The agent was revoked or deleted a moment ago.');
  return { jwt, expiresAt: expiresAt.toISOString() };
}
