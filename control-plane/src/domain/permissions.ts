/**
 * The one permission table. Commands and queries name a scope, roles are sets of scopes; the API, the console and
 * the documents all read this file.
 */
import { WORKSPACE_ROLES, type WorkspaceRole } from '@signalbox/proto/api';

/** Every scope, with the least role that has it. Each role may do what the ones before it may. */
export const LEAST_ROLE = {
  'workspace:read': 'viewer',
  'runs:read': 'viewer',
  'deployments:read': 'viewer',
  'pools:read': 'viewer',
  'agents:read': 'viewer',
  'limits:read': 'viewer',
  'runs:create': 'operator',
  'runs:cancel': 'operator',
  'runs:retry': 'operator',
  /** Pause, suspend, resume with the input that is asked for. */
  'runs:operate': 'operator',
  /** Say how a run ended, whatever the system thinks. */
  'runs:set-state': 'developer',
  /** Pause, resume, switch a schedule on or off. */
  'deployments:operate': 'operator',
  'pools:operate': 'operator',
  /** Change slots, switch off and on, free a slot by hand. */
  'limits:operate': 'operator',
  'runs:delete': 'developer',
  'deployments:write': 'developer',
  'pools:write': 'developer',
  'limits:write': 'developer',
  'agents:enroll': 'developer',
  /** Drain and revoke. */
  'agents:manage': 'admin',
  'api-keys:read': 'admin',
  'api-keys:write': 'admin',
} as const satisfies Record<string, WorkspaceRole>;

/** What a command or a query asks for. */
export type Scope = keyof typeof LEAST_ROLE;

/** All scopes, in the order of the table. */
export const SCOPES = Object.keys(LEAST_ROLE) as Scope[];

/** Whether a role has a scope. */
export function permits(role: WorkspaceRole, scope: Scope): boolean {
  return rankOf(role) >= rankOf(LEAST_ROLE[scope]);
}

/** The scopes of a role, in the order of the table. */
export function scopesOf(role: WorkspaceRole): Scope[] {
  return SCOPES.filter((scope) => permits(role, scope));
}

/** Whether somebody of role `own` may hand out `given`: nobody gives more than they have. */
export function mayGrant(own: WorkspaceRole, given: WorkspaceRole): boolean {
  return rankOf(own) >= rankOf(given);
}

function rankOf(role: WorkspaceRole): number {
  return WORKSPACE_ROLES.indexOf(role);
}
