import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';

/** Link by link, from the first to the last. */
export async function verifyAudit(context: Context, options: GlobalOptions & { organization?: boolean; noted?: string }): Promise<void> {
  const client = await context.client();
  const { query } = options.organization ? client.audit.verifyOrganization : client.audit.verify;
  const noted = options.noted === undefined ? undefined : readHead(options.noted);
  let head: { link: number; hash: string } | null = null;
  const problems: { link: number; what: string }[] = [];
  let [links, entries, purged, unsealed] = [0, 0, 0, 0];
  for (let from: number | null = 1; from !== null; ) {
    const verdict: Awaited<ReturnType<typeof query>> = await query(from === 1 && noted ? { from, noted } : { from });
    links += verdict.links;
    entries += verdict.entries;
    purged += verdict.purged;
    unsealed = verdict.unsealed;
    head = verdict.head ?? head;
    problems.push(...verdict.problems);
    from = verdict.next;
  }
  if (context.json) context.printJson({ links, entries, purged, unsealed, head, problems });
  if (problems.length > 0) {
    const found = problems.map(({ link, what }) => `link ${link} ${what}`).join('; ');
    throw new CliError(`the audit was changed: ${found}`, { exitCode: EXIT.conflict });
  }
  if (context.json) return;
  context.print(
    `The chain holds: ${entries} entries in ${links} links, ${purged} links purged by retention, ${unsealed} entries not sealed yet.`,
  );
  if (head) context.print(`Its newest link is ${head.link}:${head.hash}`);
}

/** `LINK:HASH`, as it is printed. */
function readHead(text: string): { link: number; hash: string } {
  const [, link, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (link && hash) return { link: Number(link), hash };
  throw new CliError(
    `--noted must be what "signalbox audit verify" printed as its newest link, such as 12:${'ab'.repeat(4)}..., not "${text.slice(0, 100)}"`,
    {
      exitCode: EXIT.invalidInput,
    },
  );
}
