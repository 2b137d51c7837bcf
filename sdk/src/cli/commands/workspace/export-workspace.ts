import type { Context, GlobalOptions } from '../../context.ts';
import { download } from '../../download.ts';

/** JSON lines `{ table, row }`, also of a workspace in its grace period. */
export async function exportWorkspace(context: Context, { output }: GlobalOptions & { output?: string }): Promise<void> {
  const rows = await download(context, '/api/workspaces/export', output);
  if (output !== undefined) context.note(`Wrote ${rows} rows to ${output}.`);
}
