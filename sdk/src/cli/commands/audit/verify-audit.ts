import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';

/** Link by link, from the first to the last. */
export async function verifyAudit(context: Context, options: GlobalOptions & { organization?: boolean }): Promise<void> {
  const client = await context.client();
  const { query } = options.organization ? client.audit.verifyOrganization : client.audit.verify;
  const problems: { link: number; what: string }[] = [];
  let [links, entries, purged, unsealed] = [0, 0, 0, 0];
  for (let from: number | null = 1; from !== null; ) {
    const verdict: Awaited<ReturnType<typeof query>> = await query({ from });
    links += verdict.links;
    entries += verdict.entries;
    purged += verdict.purged;
    unsealed = verdict.unsealed;
    problems.push(...verdict.problems);
    from = verdict.next;
  }
  if (context.json) context.printJson({ links, entries, purged, unsealed, problems });
  if (problems.length > 0) {
    const found = problems.map(({ link, what }) => `link ${link} ${what}`).join('; ');
    throw new CliError(`the audit was changed: ${found}`, { exitCode: EXIT.conflict });
  }
  if (!context.json)
    context.print(
      `The chain holds: ${entries} entries in ${links} links, ${purged} links purged by retention, ${unsealed} entries not sealed yet.`,
    );
}
