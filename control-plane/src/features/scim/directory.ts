/** The directory that asks, and the rows it leaves in the audit. */
import { writeAudit } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import type { Services } from '../../platform/services.ts';

export type Directory = {
  readonly services: Services;
  readonly organizationId: string;
  readonly token: { readonly id: string; readonly name: string };
  readonly requestId: string;
  /** The filter of a list as it was sent. */
  readonly filter?: string | undefined;
};

export function auditDirectory(
  tx: Tx,
  { organizationId, token, requestId }: Directory,
  change: {
    readonly action: `directory.${string}`;
    readonly kind: 'user' | 'team';
    readonly id: string;
    readonly before: unknown;
    readonly after: unknown;
  },
): Promise<void> {
  const { action, kind, id, before, after } = change;
  const facts = { target: { kind, id }, before, after };
  return writeAudit(tx, { organizationId, actor: { kind: 'directory', ...token }, action, requestId, facts });
}

/** An id as SCIM clients send it; one that is no UUID is nobody's. */
export function uuidOrNone(id: string): string {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : '00000000-0000-0000-0000-000000000000';
}
