/** Groups of a directory are teams of the organization, to which roles are granted as to any other; who is in them, the directory says. */
import { uuidv7 } from '@signalbox/proto';
import SCIMMY from 'scimmy';
import type { Tx } from '../../platform/db.ts';
import { auditDirectory, type Directory, uuidOrNone } from './directory.ts';

const MAX_GROUPS = 1_000;
const MAX_MEMBERS = 10_000;
const { Error: ScimError } = SCIMMY.Types;

type Row = { id: string; name: string; external_id: string; created_at: Date; members: { value: string; display: string }[] };
type Wanted = { readonly name: string; readonly externalId: string | null; readonly members: readonly string[] };

export async function readGroups(directory: Directory, id: string | undefined): Promise<object[]> {
  // By the index team_external, which holds directories' teams alone; members by the primary key of team_member.
  const { rows } = await directory.services.db.systemSql.query<Row>(
    `SELECT t.id, t.name, t.external_id, t.created_at,
            coalesce((SELECT json_agg(json_build_object('value', u.id, 'display', u.name) ORDER BY u.id) FROM team_member m JOIN identity_user u ON u.id = m.member_id
              WHERE m.team_id = t.id AND m.member_kind = 'person'), '[]') AS members
       FROM team t WHERE t.organization_id = $1 AND t.external_id IS NOT NULL AND ($2::uuid IS NULL OR t.id = $2::uuid)
      ORDER BY t.created_at, t.id LIMIT ${MAX_GROUPS}`,
    [directory.organizationId, id === undefined ? null : uuidOrNone(id)],
  );
  return rows.map((row) => ({
    id: row.id,
    displayName: row.name,
    // Where the directory named none, ours stands in the column, so that the team is known as a directory's.
    ...(row.external_id === row.id ? {} : { externalId: row.external_id }),
    members: row.members,
    meta: { created: row.created_at, lastModified: row.created_at },
  }));
}

export async function writeGroup(directory: Directory, id: string | undefined, given: Record<string, unknown>): Promise<object> {
  const wanted = wantedOf(given);
  const teamId = await directory.services.db.system.$transaction((tx) =>
    id === undefined ? makeGroup(tx, directory, wanted) : changeGroup(tx, directory, id, wanted),
  );
  const [group] = await readGroups(directory, teamId);
  if (!group) throw notThere(teamId);
  return group;
}

/** The team goes, and what was granted to it; its people stay. */
export async function removeGroup(directory: Directory, id: string): Promise<void> {
  await directory.services.db.system.$transaction(async (tx) => {
    const team = await find(tx, directory, id);
    await tx.roleGrant.deleteMany({ where: { organizationId: directory.organizationId, subjectKind: 'team', subjectId: team.id } });
    await tx.team.delete({ where: { id: team.id } });
    await auditDirectory(tx, directory, {
      action: 'directory.remove-team',
      kind: 'team',
      id: team.id,
      before: { name: team.name },
      after: null,
    });
  });
}

async function makeGroup(tx: Tx, directory: Directory, wanted: Wanted): Promise<string> {
  const { organizationId } = directory;
  const id = uuidv7(Date.now());
  const externalId = wanted.externalId ?? id;
  const taken = await tx.team.findFirst({
    where: { organizationId, externalId: { not: null }, OR: [{ name: wanted.name }, { externalId }] },
  });
  if (taken) throw new ScimError(409, 'uniqueness', `There is a group "${wanted.name}" in this directory already`);
  await tx.team.create({
    data: { id, organizationId, slug: await freeSlug(tx, organizationId, wanted.name), name: wanted.name, externalId },
  });
  await setMembers(tx, directory, id, wanted.members);
  const after = { name: wanted.name, members: wanted.members.length };
  await auditDirectory(tx, directory, { action: 'directory.add-team', kind: 'team', id, before: null, after });
  return id;
}

async function changeGroup(tx: Tx, directory: Directory, id: string, wanted: Wanted): Promise<string> {
  const team = await find(tx, directory, id);
  const before = { name: team.name, members: await tx.teamMember.count({ where: { teamId: team.id } }) };
  await tx.team.update({ where: { id: team.id }, data: { name: wanted.name, externalId: wanted.externalId ?? team.externalId } });
  await setMembers(tx, directory, team.id, wanted.members);
  const after = { name: wanted.name, members: wanted.members.length };
  await auditDirectory(tx, directory, { action: 'directory.change-team', kind: 'team', id: team.id, before, after });
  return team.id;
}

/** People whom this directory keeps; anybody else's id is refused, whether or not it exists. */
async function setMembers(tx: Tx, { organizationId }: Directory, teamId: string, members: readonly string[]): Promise<void> {
  const wanted = [...new Set(members.map(uuidOrNone))];
  if (wanted.length > MAX_MEMBERS) throw new ScimError(400, 'tooMany', `A group has at most ${MAX_MEMBERS} members`);
  const known = await tx.scimUser.count({ where: { organizationId, userId: { in: wanted } } });
  if (known !== wanted.length) throw new ScimError(400, 'invalidValue', 'members: expected ids of people of this directory');
  await tx.teamMember.deleteMany({ where: { teamId, memberKind: 'person', memberId: { notIn: wanted } } });
  const data = wanted.map((memberId) => ({ teamId, organizationId, memberKind: 'person', memberId }));
  await tx.teamMember.createMany({ data, skipDuplicates: true });
}

async function find(tx: Tx, { organizationId }: Directory, id: string) {
  const team = await tx.team.findFirst({ where: { id: uuidOrNone(id), organizationId, externalId: { not: null } } });
  if (!team) throw notThere(id);
  return team;
}

/** `data-science`, or `data-science-2` ... where a team of the organization has it. */
async function freeSlug(tx: Tx, organizationId: string, name: string): Promise<string> {
  const plain =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 50)
      .replace(/-$/, '') || 'team';
  const taken = new Set(
    (await tx.team.findMany({ where: { organizationId, slug: { startsWith: plain } }, select: { slug: true } })).map(({ slug }) => slug),
  );
  for (let n = 1; ; n++) {
    const slug = n === 1 ? plain : `${plain}-${n}`;
    if (!taken.has(slug)) return slug;
  }
}

function wantedOf(given: Record<string, unknown>): Wanted {
  const { displayName, externalId, members } = given as { displayName?: string; externalId?: string; members?: { value?: string }[] };
  if (!displayName) throw new ScimError(400, 'invalidValue', 'displayName is required');
  return {
    name: displayName.slice(0, 200),
    externalId: externalId?.slice(0, 200) ?? null,
    members: (members ?? []).map(({ value }) => value ?? ''),
  };
}

function notThere(id: string) {
  return new ScimError(404, null as never, `Resource ${id} not found`);
}
