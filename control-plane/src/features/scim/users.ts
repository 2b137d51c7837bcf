/**
 * People as an organization's directory keeps them. A directory sees whom it made or took over, and takes over nobody
 * outside the domains that its organization proved to own. Switched off means: no session, no API key, at once.
 */
import { uuidv7 } from '@signalbox/proto';
import SCIMMY from 'scimmy';
import type { Tx } from '../../platform/db.ts';
import { forgetUnprovedWithPassword } from '../identity/index.ts';
import { auditDirectory, type Directory, uuidOrNone } from './directory.ts';

/** A directory with more people than this pages through them by filter. */
const MAX_USERS = 10_000;
const { Error: ScimError } = SCIMMY.Types;

type Row = {
  id: string;
  email: string;
  user_name: string;
  external_id: string | null;
  active: boolean;
  given_name: string | null;
  family_name: string | null;
  name: string;
  created_at: Date;
  updated_at: Date;
};
type Wanted = {
  userName: string;
  email: string;
  externalId: string | null;
  active: boolean;
  given: string | null;
  family: string | null;
  name: string;
};

const COLUMNS = `u.id, u.email, u.name, s.user_name, s.external_id, s.active, s.given_name, s.family_name, s.created_at, s.updated_at`;

export async function readUsers(directory: Directory, id: string | undefined): Promise<object[]> {
  const { db } = directory.services;
  const asked = id === undefined ? lookedUp(directory.filter) : { condition: 's.user_id = $2::uuid', value: uuidOrNone(id) };
  // By the primary key or the index on user names; the whole directory is read for other filters, bounded.
  const { rows } = await db.systemSql.query<Row>(
    `SELECT ${COLUMNS} FROM scim_user s JOIN identity_user u ON u.id = s.user_id
      WHERE s.organization_id = $1 AND ${asked?.condition ?? 'true'} ORDER BY s.created_at, s.user_id LIMIT ${MAX_USERS}`,
    asked ? [directory.organizationId, asked.value] : [directory.organizationId],
  );
  return rows.map(show);
}

export async function writeUser(directory: Directory, id: string | undefined, given: Record<string, unknown>): Promise<object> {
  const wanted = wantedOf(given);
  const userId = await directory.services.db.system.$transaction((tx) =>
    id === undefined ? makeUser(tx, directory, wanted) : changeUser(tx, directory, uuidOrNone(id), wanted),
  );
  const [row] = await readUsers(directory, userId);
  if (!row) throw new ScimError(404, null as never, 'Resource not found');
  return row;
}

/** The one filter that directories send before each change, asked of the database: user names differ by more than case. */
export function lookedUp(filter: string | undefined): { condition: string; value: string | null } | null {
  const [, field, value] = /^\s*(userName|externalId)\s+eq\s+"([^"\\]{1,320})"\s*$/i.exec(filter ?? '') ?? [];
  if (!field || !value) return null;
  return { condition: field.toLowerCase() === 'username' ? 'lower(s.user_name) = lower($2)' : 's.external_id = $2', value };
}

/**
 * The person leaves the organization. The account goes off, since nobody manages it any more; that of a domain which is no longer the
 * organization's is not its to switch off.
 */
export async function removeUser(directory: Directory, id: string): Promise<void> {
  await directory.services.db.system.$transaction(async (tx) => {
    const found = await find(tx, directory, uuidOrNone(id));
    await requireOtherOwner(tx, directory.organizationId, found.userId);
    await tx.scimUser.delete({ where: { organizationId_userId: { organizationId: directory.organizationId, userId: found.userId } } });
    const { email } = await tx.user.findUniqueOrThrow({ where: { id: found.userId }, select: { email: true } });
    if (await isOwnDomain(tx, directory.organizationId, email)) await switchOff(tx, found.userId);
    await tx.organizationMember.deleteMany({ where: { organizationId: directory.organizationId, userId: found.userId } });
    await tx.teamMember.deleteMany({ where: { organizationId: directory.organizationId, memberKind: 'person', memberId: found.userId } });
    await tx.roleGrant.deleteMany({ where: { organizationId: directory.organizationId, subjectKind: 'person', subjectId: found.userId } });
    await tx.workspaceMember.deleteMany({ where: { userId: found.userId, workspace: { organizationId: directory.organizationId } } });
    await auditOf(tx, directory, 'directory.remove-person', found.userId, { userName: found.userName }, null);
  });
}

async function makeUser(tx: Tx, directory: Directory, wanted: Wanted): Promise<string> {
  const { organizationId } = directory;
  await requireOwnDomain(tx, organizationId, wanted.email);
  const known = await tx.user.findUnique({ where: { email: wanted.email } });
  const taken = await tx.scimUser.findFirst({
    where: {
      organizationId,
      OR: [{ userName: { equals: wanted.userName, mode: 'insensitive' } }, ...(known ? [{ userId: known.id }] : [])],
    },
  });
  if (taken) throw new ScimError(409, 'uniqueness', `There is a person "${wanted.userName}" in this directory already`);
  const userId = known?.id ?? uuidv7(Date.now());
  if (known) await forgetUnprovedWithPassword(tx, userId);
  if (known) await tx.user.update({ where: { id: userId }, data: { name: wanted.name, deactivatedAt: wanted.active ? null : new Date() } });
  else
    await tx.user.create({
      data: { id: userId, email: wanted.email, name: wanted.name, emailVerified: true, deactivatedAt: wanted.active ? null : new Date() },
    });
  await tx.scimUser.create({ data: { organizationId, userId, ...columns(wanted) } });
  await tx.organizationMember.createMany({ data: { organizationId, userId, role: 'member' }, skipDuplicates: true });
  if (!wanted.active) {
    await requireOtherOwner(tx, organizationId, userId);
    await switchOff(tx, userId);
  }
  await auditOf(tx, directory, 'directory.add-person', userId, null, { userName: wanted.userName, active: wanted.active });
  return userId;
}

async function changeUser(tx: Tx, directory: Directory, id: string | null, wanted: Wanted): Promise<string> {
  const { organizationId } = directory;
  const { userId, ...before } = await find(tx, directory, id);
  // Both: an account whose domain went to another organization is no longer this directory's to rename.
  const { email } = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { email: true } });
  await requireOwnDomain(tx, organizationId, email);
  await requireOwnDomain(tx, organizationId, wanted.email);
  if (!wanted.active) await requireOtherOwner(tx, organizationId, userId);
  const other = await tx.user.findUnique({ where: { email: wanted.email } });
  if (other && other.id !== userId) throw new ScimError(409, 'uniqueness', `The email "${wanted.email}" is another person's`);
  await tx.user.update({
    where: { id: userId },
    data: { email: wanted.email, name: wanted.name, deactivatedAt: wanted.active ? null : new Date() },
  });
  await tx.scimUser.update({
    where: { organizationId_userId: { organizationId, userId } },
    data: { ...columns(wanted), updatedAt: new Date() },
  });
  if (!wanted.active) await switchOff(tx, userId);
  const after = { userName: wanted.userName, active: wanted.active };
  await auditOf(tx, directory, 'directory.change-person', userId, { userName: before.userName, active: before.active }, after);
  return userId;
}

/** What the person signed in with, and what they made for programs, is refused from now on. */
async function switchOff(tx: Tx, userId: string): Promise<void> {
  await tx.user.update({ where: { id: userId }, data: { deactivatedAt: new Date() } });
  await tx.session.deleteMany({ where: { userId } });
  await tx.apiKey.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: new Date() } });
}

async function requireOwnDomain(tx: Tx, organizationId: string, email: string): Promise<void> {
  if (await isOwnDomain(tx, organizationId, email)) return;
  throw new ScimError(400, 'invalidValue', `"${domainOf(email)}" is not a verified domain of the organization`);
}

async function isOwnDomain(tx: Tx, organizationId: string, email: string): Promise<boolean> {
  return (await tx.organizationDomain.count({ where: { organizationId, domain: domainOf(email), verifiedAt: { not: null } } })) > 0;
}

const domainOf = (email: string): string => email.slice(email.lastIndexOf('@') + 1);

/** Owners are locked: two that go at once do not both count the other. One that is off is no owner left; that is asked under the lock. */
async function requireOtherOwner(tx: Tx, organizationId: string, userId: string): Promise<void> {
  const owners = await tx.$queryRaw<{ user_id: string }[]>`
    SELECT user_id FROM organization_member WHERE organization_id = ${organizationId}::uuid AND role = 'owner' ORDER BY user_id FOR UPDATE`;
  if (!owners.some((owner) => owner.user_id === userId)) return;
  const others = owners.map((owner) => owner.user_id).filter((id) => id !== userId);
  if ((await tx.user.count({ where: { id: { in: others }, deactivatedAt: null } })) === 0)
    throw new ScimError(409, null as never, 'The last owner of the organization who can sign in stays: make somebody else owner first');
}

async function find(tx: Tx, directory: Directory, userId: string | null) {
  const { organizationId } = directory;
  const found = userId && (await tx.scimUser.findUnique({ where: { organizationId_userId: { organizationId, userId } } }));
  if (!found) throw new ScimError(404, null as never, 'Resource not found');
  return found;
}

function auditOf(tx: Tx, directory: Directory, action: `directory.${string}`, id: string, before: unknown, after: unknown): Promise<void> {
  return auditDirectory(tx, directory, { action, kind: 'user', id, before, after });
}

function wantedOf(given: Record<string, unknown>): Wanted {
  const { userName, externalId, active, name, displayName, emails } = given as {
    userName?: string;
    externalId?: string;
    active?: boolean;
    name?: { givenName?: string; familyName?: string; formatted?: string };
    displayName?: string;
    emails?: { value?: string; primary?: boolean }[];
  };
  if (!userName) throw new ScimError(400, 'invalidValue', 'userName is required');
  const primary = emails?.find((email) => email.primary)?.value ?? emails?.[0]?.value ?? userName;
  const email = primary.trim().toLowerCase();
  if (!/^[^\s@]{1,64}@[^\s@]{1,255}$/.test(email))
    throw new ScimError(400, 'invalidValue', 'an email is required: in emails, or as userName');
  const whole = [name?.givenName, name?.familyName].filter(Boolean).join(' ');
  return {
    userName: userName.slice(0, 320),
    email,
    externalId: externalId?.slice(0, 200) ?? null,
    active: active ?? true,
    given: name?.givenName?.slice(0, 200) ?? null,
    family: name?.familyName?.slice(0, 200) ?? null,
    name: (displayName ?? name?.formatted ?? (whole || email)).slice(0, 200),
  };
}

function columns(wanted: Wanted) {
  const { userName, externalId, active, given, family } = wanted;
  return { userName, externalId, active, givenName: given, familyName: family };
}

function show(row: Row): object {
  return {
    id: row.id,
    userName: row.user_name,
    ...(row.external_id ? { externalId: row.external_id } : {}),
    active: row.active,
    displayName: row.name,
    name: {
      ...(row.given_name ? { givenName: row.given_name } : {}),
      ...(row.family_name ? { familyName: row.family_name } : {}),
      formatted: row.name,
    },
    emails: [{ value: row.email, primary: true, type: 'work' }],
    meta: { created: row.created_at, lastModified: row.updated_at },
  };
}
