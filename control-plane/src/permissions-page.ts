/**
 * `node control-plane/src/permissions-page.ts > docs/reference/permissions.md`: the reference page of scopes, roles and
 * procedures, from the permission table and the router themselves. A test fails when the page is out of date.
 */
import { pathToFileURL } from 'node:url';
import { BUILT_IN_ROLES, ORGANIZATION_ROLES } from '@signalbox/proto/api';
import {
  ORGANIZATION_PERMISSIONS,
  ORGANIZATION_SCOPES,
  organizationScopesOf,
  permits,
  RUN_SCOPES,
  RUN_SCOPES_ON_OWN_DEPLOYMENT,
  ruleOf,
  SCOPES,
} from './domain/permissions.ts';
import type { ProcedureMeta } from './platform/trpc.ts';
import { appRouter } from './router.ts';

const YES = '●';

/** What each procedure asks for, by its path. */
export function procedureMeta(): ReadonlyMap<string, ProcedureMeta | undefined> {
  const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { meta?: ProcedureMeta } }>;
  return new Map(Object.entries(procedures).map(([path, procedure]) => [path, procedure._def.meta]));
}

export function permissionsPage(): string {
  const named = BUILT_IN_ROLES.map((role) => `${role.charAt(0).toUpperCase()}${role.slice(1)}`);
  const scopes = SCOPES.map((scope) => {
    const { what, on } = ruleOf(scope);
    return row([`\`${scope}\``, what, on ? on.replace('-', ' ') : '', ...BUILT_IN_ROLES.map((role) => (permits(role, scope) ? YES : ''))]);
  });
  const ofOrganization = ORGANIZATION_SCOPES.map((scope) =>
    row([
      `\`${scope}\``,
      ORGANIZATION_PERMISSIONS[scope].what,
      ...ORGANIZATION_ROLES.map((role) => (organizationScopesOf(role).includes(scope) ? YES : '')),
    ]),
  );
  const procedures = [...procedureMeta()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, meta]) => row([`\`${path}\``, asks(meta), meta?.single ? YES : '', meta?.action ? `\`${meta.action}\`` : '']));
  return `# Permissions

Made from the permission table and the router by \`node control-plane/src/permissions-page.ts\`; do not edit. What the words mean and how
access adds up: [access](../concepts/access.md).

## Scopes of a workspace

*On one*: a role that is granted on a single thing of that kind carries the scope there.

${row(['scope', 'lets one', 'on one', ...named])}
${row(['---', '---', '---', ...named.map(() => ':-:')])}
${scopes.join('\n')}

## Running flows

With the token of its run a flow has ${RUN_SCOPES.map(code).join(', ')} in the workspace, and ${RUN_SCOPES_ON_OWN_DEPLOYMENT.map(code).join(', ')} for its own deployment.

## Scopes of an organization

Admins and owners of an organization are also Owner of each of its workspaces.

${row(['scope', 'lets one', 'Member', 'Admin', 'Owner'])}
${row(['---', '---', ':-:', ':-:', ':-:'])}
${ofOrganization.join('\n')}

## Procedures

*Single things*: access to some things alone is enough, and the answer then holds those alone. *Audit*: the name of the row that it writes.

${row(['procedure', 'asks for', 'single things', 'audit'])}
${row(['---', '---', ':-:', '---'])}
${procedures.join('\n')}
`;
}

const code = (scope: string): string => `\`${scope}\``;

function asks(meta: ProcedureMeta | undefined): string {
  if (meta?.scope) return `\`${meta.scope}\``;
  return meta?.access === 'personal' ? 'an account' : 'nothing';
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(permissionsPage());
