import type { AgentId } from '@signalbox/proto';
import { isId } from '@signalbox/proto';
import type { Client } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import { EXIT } from '../../exit-code.ts';

/** The id of an agent that a person named by its id or its name; among those of one name, one that is not revoked. */
export async function findAgent(client: Client, ref: string): Promise<AgentId> {
  if (isId('agent', ref)) return ref;
  const { items } = await client.agents.list.query({ limit: 200 });
  const named = items.filter((agent) => agent.name === ref);
  const living = named.filter((agent) => agent.status !== 'revoked');
  const fitting = living.length > 0 ? living : named;
  const [agent] = fitting;
  if (!agent) throw new CliError(`there is no agent "${ref}"`, { exitCode: EXIT.notFound, hint: 'list them with `signalbox agents ls`' });
  if (fitting.length > 1)
    throw new CliError(`"${ref}" names ${fitting.length} agents`, {
      exitCode: EXIT.conflict,
      hint: `use an id: ${fitting.map((each) => each.id).join(', ')}`,
    });
  return agent.id;
}
