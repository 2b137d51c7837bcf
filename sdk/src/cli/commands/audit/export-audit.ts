import type { Context, GlobalOptions } from '../../context.ts';
import { download } from '../../download.ts';

type ExportOptions = GlobalOptions & {
  readonly output?: string;
  readonly organization?: string;
  readonly action?: string;
  readonly actor?: string;
  readonly refused?: boolean;
  readonly from?: string;
  readonly to?: string;
};

/** JSON lines, newest first. */
export async function exportAudit(context: Context, options: ExportOptions): Promise<void> {
  const { output, organization, action, actor, refused, from, to } = options;
  const asked = { organization, action, actor, outcome: refused ? 'refused' : undefined, from, to };
  const given = Object.entries(asked).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const entries = await download(context, `/api/audit/export?${new URLSearchParams(given)}`, output);
  if (output !== undefined) context.note(`Wrote ${entries} entries to ${output}.`);
}
