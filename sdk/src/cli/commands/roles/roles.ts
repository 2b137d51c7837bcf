import { BUILT_IN_ROLES } from '@signalbox/proto/api';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { oneOf } from '../../option-values.ts';
import { findOwnRole, findRole } from '../access/find-subject.ts';

type RoleOptions = GlobalOptions & { name?: string; description?: string; base?: string; scopes?: string[] };

export async function listRoles(context: Context): Promise<void> {
  const roles = await (await context.client()).roles.list.query();
  if (context.json) return context.printJson(roles);
  context.printTable(
    roles,
    [
      { header: 'SLUG', value: (role) => role.slug },
      { header: 'NAME', value: (role) => role.name, min: 8 },
      { header: 'KIND', value: (role) => (role.id ? 'made here' : 'built in') },
      { header: 'SCOPES', value: (role) => String(role.scopes.length) },
      { header: 'DESCRIPTION', value: (role) => role.description, min: 12, drop: 1 },
    ],
    'No roles.',
  );
}

export async function showRole(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const role = await findRole(context, ref);
  if (context.json) return context.printJson(role);
  context.printFields([
    ['role', role.slug],
    ['name', role.name],
    ['kind', role.id ? 'made here' : 'built in'],
    ['based on', role.baseRole],
    ['description', role.description || null],
    ['scopes', role.scopes.join(' ')],
  ]);
}

export async function listScopes(context: Context): Promise<void> {
  const scopes = await (await context.client()).roles.scopes.query();
  if (context.json) return context.printJson(scopes);
  context.printTable(
    scopes,
    [
      { header: 'SCOPE', value: ({ scope }) => scope },
      { header: 'WHAT', value: ({ what }) => what, min: 20 },
      { header: 'OF', value: ({ roles, least }) => (least ? `${least} of the organization` : roles.join(', ')), min: 12, drop: 1 },
    ],
    'No scopes.',
  );
}

export async function createRole(context: Context, options: RoleOptions, slug: string): Promise<void> {
  const { name = slug, description, base, scopes } = options;
  const baseRole = base === undefined ? undefined : oneOf('base', base, BUILT_IN_ROLES);
  const role = await (await context.client()).roles.create.mutate({ slug, name, description, baseRole, scopes });
  if (context.json) return context.printJson(role);
  context.print(`Made role ${role.slug} with ${role.scopes.length} scopes.`);
}

export async function updateRole(context: Context, options: RoleOptions, ref: string): Promise<void> {
  const { name, description, scopes } = options;
  const { id } = await findOwnRole(context, ref);
  const role = await (await context.client()).roles.update.mutate({ role: id, name, description, scopes });
  if (context.json) return context.printJson(role);
  context.print(`Role ${role.slug} has ${role.scopes.length} scopes now.`);
}

export async function deleteRole(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string): Promise<void> {
  const { id, slug } = await findOwnRole(context, ref);
  await confirm(context, `Delete role ${slug} with every grant of it?`, options);
  const reply = await (await context.client()).roles.delete.mutate({ role: id });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted role ${slug}.`);
}
