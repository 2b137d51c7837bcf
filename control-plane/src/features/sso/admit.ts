/**
 * Which person a provider's subject is. A provider vouches for people of the domains that its organization proved to own,
 * and for nobody else: otherwise an organization could make itself anybody of another.
 */
import { uuidv7 } from '@signalbox/proto';
import { writeAudit } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { knownKeys } from '../../platform/known-keys.ts';
import type { Services } from '../../platform/services.ts';
import { forgetUnprovedWithPassword } from '../identity/index.ts';
import type { Connection, Profile } from './flow.ts';
import { RefusedSignOn } from './refused.ts';

/** The person, made a member where they are not. @throws RefusedSignOn for a domain that is not the organization's. */
export async function admit(
  services: Pick<Services, 'db'>,
  connection: Connection,
  profile: Profile,
  requestId: string,
): Promise<{ userId: string }> {
  const admitted = await services.db.system.$transaction(async (tx) => {
    const known = await tx.ssoIdentity.findUnique({
      where: { connectionId_subject: { connectionId: connection.id, subject: profile.subject } },
    });
    const user = known
      ? await tx.user.findUniqueOrThrow({ where: { id: known.userId } })
      : ((await tx.user.findUnique({ where: { email: profile.email } })) ?? null);
    const email = user?.email ?? profile.email;
    const domain = email.slice(email.lastIndexOf('@') + 1);
    const own = await tx.organizationDomain.findFirst({
      where: { organizationId: connection.organizationId, domain, verifiedAt: { not: null } },
    });
    if (!own) throw new RefusedSignOn('domain', `"${domain}" is not a verified domain of the organization`);
    const userId = user?.id ?? (await makeUser(tx, profile));
    if (user) await forgetUnprovedWithPassword(tx, user.id);
    if (!known) await tx.ssoIdentity.create({ data: { connectionId: connection.id, subject: profile.subject, userId } });
    await join(tx, connection, { userId, email, name: user?.name ?? profile.name }, requestId);
    return { userId };
  });
  // Keys of before anybody vouched for them are good no more.
  knownKeys.forget(null);
  return admitted;
}

async function makeUser(tx: Tx, profile: Profile): Promise<string> {
  const id = uuidv7(Date.now());
  await tx.user.create({ data: { id, email: profile.email, name: profile.name, emailVerified: true } });
  return id;
}

async function join(
  tx: Tx,
  connection: Connection,
  person: { userId: string; email: string; name: string },
  requestId: string,
): Promise<void> {
  const { organizationId, defaultWorkspaceId: workspaceId, defaultRole: role } = connection;
  const { userId } = person;
  await tx.organizationMember.createMany({ data: { organizationId, userId, role: 'member' }, skipDuplicates: true });
  if (!workspaceId || !role) return;
  const { count } = await tx.workspaceMember.createMany({ data: { workspaceId, userId, role }, skipDuplicates: true });
  if (count === 0) return;
  await writeAudit(tx, {
    workspaceId,
    actor: { kind: 'user', id: userId, name: person.name, email: person.email },
    action: 'member.join',
    requestId,
    facts: { target: { kind: 'user', id: userId }, before: null, after: { role, connection: connection.name } },
  });
}
