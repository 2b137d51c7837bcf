import type { RunId } from '@signalbox/proto';
import { isId } from '@signalbox/proto';
import type { Client } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import { EXIT } from '../../exit-code.ts';

/** The id of a run that a person named by its id or its name. @throws CliError when none or several fit. */
export async function findRun(client: Client, ref: string): Promise<RunId> {
  if (isId('run', ref)) return ref;
  const { items } = await client.runs.list.query({ search: ref, limit: 20 });
  const exact = items.filter((run) => run.name === ref || run.id === ref);
  const fitting = exact.length > 0 ? exact : items;
  const [run] = fitting;
  if (!run) throw new CliError(`there is no run "${ref}"`, { exitCode: EXIT.notFound, hint: 'list them with `signalbox runs ls`' });
  if (fitting.length === 1 && exact.length === 1) return run.id;
  const names = fitting.slice(0, 5).map((each) => `${each.name} (${each.id})`);
  if (exact.length === 0)
    throw new CliError(`there is no run "${ref}"`, { exitCode: EXIT.notFound, hint: `did you mean ${names.join(' or ')}?` });
  throw new CliError(`"${ref}" names ${fitting.length} runs`, {
    exitCode: EXIT.conflict,
    hint: `use an id: ${fitting.map((each) => each.id).join(', ')}`,
  });
}
