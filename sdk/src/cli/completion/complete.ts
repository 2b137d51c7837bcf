import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import type { Host } from '../host.ts';
import { fetchNames } from './fetch-names.ts';

/** What the arguments of each command name; the key is the command's path. */
const NAMED: Readonly<Record<string, { argument: string; kind: NameKind }>> = {
  run: { argument: 'deployment', kind: 'deployments' },
  generate: { argument: 'deployment', kind: 'deployments' },
  'deployments show': { argument: 'deployment', kind: 'deployments' },
  'deployments pause': { argument: 'deployment', kind: 'deployments' },
  'deployments resume': { argument: 'deployment', kind: 'deployments' },
  'deployments delete': { argument: 'deployment', kind: 'deployments' },
  'schedules ls': { argument: 'deployment', kind: 'deployments' },
  'schedules skip': { argument: 'deployment', kind: 'deployments' },
  'schedules unskip': { argument: 'deployment', kind: 'deployments' },
  'schedules pause': { argument: 'deployment', kind: 'deployments' },
  'schedules resume': { argument: 'deployment', kind: 'deployments' },
  'schedules create': { argument: 'deployment', kind: 'deployments' },
  'schedules update': { argument: 'deployment', kind: 'deployments' },
  'schedules delete': { argument: 'deployment', kind: 'deployments' },
  'schedules fires': { argument: 'deployment', kind: 'deployments' },
  'schedules backfill': { argument: 'deployment', kind: 'deployments' },
  'backfills ls': { argument: 'deployment', kind: 'deployments' },
  'pools show': { argument: 'pool', kind: 'pools' },
  'pools update': { argument: 'pool', kind: 'pools' },
  'pools pause': { argument: 'pool', kind: 'pools' },
  'pools resume': { argument: 'pool', kind: 'pools' },
  'pools slots': { argument: 'pool', kind: 'pools' },
  'pools delete': { argument: 'pool', kind: 'pools' },
  'queues ls': { argument: 'pool', kind: 'pools' },
  'queues set': { argument: 'pool', kind: 'pools' },
  'queues move': { argument: 'pool', kind: 'pools' },
  'queues pause': { argument: 'pool', kind: 'pools' },
  'queues resume': { argument: 'pool', kind: 'pools' },
  'queues slots': { argument: 'pool', kind: 'pools' },
  'queues delete': { argument: 'pool', kind: 'pools' },
  'limits show': { argument: 'limit', kind: 'limits' },
  'limits update': { argument: 'limit', kind: 'limits' },
  'limits free': { argument: 'limit', kind: 'limits' },
  'limits delete': { argument: 'limit', kind: 'limits' },
  'agents show': { argument: 'agent', kind: 'agents' },
  'agents drain': { argument: 'agent', kind: 'agents' },
  'agents quarantine': { argument: 'agent', kind: 'agents' },
  'agents release': { argument: 'agent', kind: 'agents' },
  'agents revoke': { argument: 'agent', kind: 'agents' },
  'agents join-code': { argument: 'pool', kind: 'pools' },
  'runs show': { argument: 'run', kind: 'runs' },
  'runs explain': { argument: 'run', kind: 'runs' },
  'runs logs': { argument: 'run', kind: 'runs' },
  'runs watch': { argument: 'run', kind: 'runs' },
  'runs cancel': { argument: 'run', kind: 'runs' },
  'runs retry': { argument: 'run', kind: 'runs' },
  'runs delete': { argument: 'run', kind: 'runs' },
};

export type NameKind = 'deployments' | 'pools' | 'limits' | 'agents' | 'runs';

/**
 * Answers one press of the tab key on standard output. Names come from the control plane when the words so far lead to
 * an argument that has them; when it does not answer at once, there are none, and never an error.
 */
export async function complete(program: Command, words: readonly string[], host: Host): Promise<void> {
  const completion = tab(program);
  const path = Object.keys(NAMED)
    .filter((each) => words.join(' ').startsWith(`${each} `))
    .sort((a, b) => b.length - a.length)[0];
  const named = path === undefined ? undefined : NAMED[path];
  const argument = named && completion.commands.get(path ?? '')?.arguments.get(named.argument);
  if (named && argument && !words.at(-1)?.startsWith('-')) {
    const names = await fetchNames(named.kind, host);
    // The handler is asked without waiting, so the names are there before.
    argument.handler = (add) => {
      for (const { name, description } of names) add(name, description);
    };
  }
  completion.parse([...words]);
}
