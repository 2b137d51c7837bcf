/** `GET /api/audit/export`: the audit as JSON lines, newest first, page by page, so that neither side holds all of it. */
import { exportAuditInput } from '@signalbox/proto/api';
import type { Identity } from '../../platform/actor.ts';
import { issuesOf } from '../../platform/classify-error.ts';
import { invalidInput } from '../../platform/errors.ts';
import { streamLines } from '../../platform/json-lines.ts';
import type { Services } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { authorize, authorizeOrganization } from '../../platform/trpc.ts';
import { readAudit, showEntry } from './store.ts';

const ROWS_AT_A_TIME = 500;

/**
 * Of a workspace, or with `?organization=` of all of an organization; filters as in `audit.list`.
 * @throws FORBIDDEN without the scope, NOT_FOUND for what is another's, INVALID_INPUT.
 */
export function exportAudit(
  { db }: Pick<Services, 'db'>,
  identity: Identity,
  query: URLSearchParams,
  workspaceRef: string | null,
): Response {
  const { organization, workspace = workspaceRef, ...rest } = Object.fromEntries(query) as Record<string, string | undefined>;
  const parsed = exportAuditInput.strict().safeParse(rest);
  if (!parsed.success) throw invalidInput(issuesOf(parsed.error, rest));
  const filter = parsed.data;
  if (organization !== undefined) {
    const { id, slug } = authorizeOrganization(identity, organization, null, 'organization:audit');
    return streamLines(`audit-${slug}`, async (before: string | null) => {
      const rows = await db.inOrganization(id, (tx) => readAudit(sqlOfTx(tx), { organization: id }, filter, before, ROWS_AT_A_TIME));
      return pageOfLines(rows);
    });
  }
  const { id, slug } = authorize(identity, workspace ?? null, 'audit:read').workspace;
  return streamLines(`audit-${slug}`, async (before: string | null) => {
    const rows = await db.inWorkspace(id, (tx) => readAudit(sqlOfTx(tx), { workspace: id }, filter, before, ROWS_AT_A_TIME));
    return pageOfLines(rows);
  });
}

function pageOfLines(rows: Awaited<ReturnType<typeof readAudit>>) {
  return { lines: rows.map(showEntry), next: rows.length === ROWS_AT_A_TIME ? (rows.at(-1)?.id ?? null) : null };
}
