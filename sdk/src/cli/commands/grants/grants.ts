import { BUILT_IN_ROLES, type Grant } from '@signalbox/proto/api';
import { CliError } from '../../cli-error.ts';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { relative } from '../../output/time.ts';
import { findObject, type ObjectOptions } from '../access/find-object.ts';
import { findOwnRole, findPerson, findServiceAccount, findTeam } from '../access/find-subject.ts';

type OfOrganization = GlobalOptions & { organization?: boolean };
type CreateOptions = OfOrganization & ObjectOptions & { person?: string; team?: string; serviceAccount?: string };

const PAGE = 200;

export async function listGrants(context: Context, options: OfOrganization): Promise<void> {
  const client = await context.client();
  const list = options.organization ? client.organizations.grants : client.access.grants;
  const page = await list.query({ limit: PAGE });
  if (context.json) return context.printJson(page);
  const whole = options.organization ? 'every workspace' : 'the workspace';
  context.printTable(
    page.items,
    [
      { header: 'TO', value: ({ subject }) => `${subject.kind} ${subject.name}`, min: 12 },
      { header: 'ROLE', value: ({ role }) => role.name },
      { header: 'ON', value: ({ object }) => (object ? `${object.kind} ${object.name}` : whole) },
      { header: 'BY', value: (grant) => grant.createdBy, drop: 1 },
      { header: 'SINCE', value: (grant) => relative(grant.createdAt, context.host.now()), drop: 2 },
      { header: 'ID', value: (grant) => grant.id },
    ],
    'No grants. Members have their roles without one.',
  );
  if (page.nextCursor) context.note(`The first ${PAGE} are shown.`);
}

export async function createGrant(context: Context, options: CreateOptions, roleRef: string): Promise<void> {
  const client = await context.client();
  const [subject, role] = [await subjectOf(context, options), await roleOf(context, roleRef)];
  const object = await findObject(context, options);
  if (options.organization && object)
    throw new CliError('--organization is about every workspace; leave --deployment, --pool and --block out');
  const grant = await (options.organization
    ? client.organizations.grant.mutate({ subject, role })
    : client.access.grant.mutate({ subject, role, object }));
  if (context.json) return context.printJson(grant);
  context.print(`Granted ${describe(grant)} (${grant.id}).`);
}

export async function revokeGrant(context: Context, options: OfOrganization & { yes?: boolean }, id: string): Promise<void> {
  const client = await context.client();
  await confirm(context, `Take the grant ${id} back?`, options);
  const grant = id as Grant['id'];
  const reply = await (options.organization ? client.organizations.revokeGrant.mutate({ grant }) : client.access.revoke.mutate({ grant }));
  if (context.json) return context.printJson(reply);
  context.print(`Took the grant ${id} back.`);
}

function describe({ role, subject, object }: Grant): string {
  return `${role.name} to ${subject.kind} ${subject.name}${object ? ` on ${object.kind} ${object.name}` : ''}`;
}

/** A built-in role needs no look-up, so that a key without a scope of the organization grants those. */
async function roleOf(context: Context, ref: string) {
  const builtIn = BUILT_IN_ROLES.find((role) => role === ref);
  if (builtIn) return builtIn;
  return (await findOwnRole(context, ref)).id;
}

async function subjectOf(context: Context, { person, team, serviceAccount }: CreateOptions) {
  if ([person, team, serviceAccount].filter((each) => each !== undefined).length !== 1)
    throw new CliError('say who is to have it: one of --person, --team and --service-account');
  if (person !== undefined) return { kind: 'person' as const, id: (await findPerson(context, person)).id };
  if (team !== undefined) return { kind: 'team' as const, id: (await findTeam(context, team)).id };
  return { kind: 'service-account' as const, id: (await findServiceAccount(context, serviceAccount ?? '')).id };
}
