/** The environment of a child: the agent's own, less what is the agent's business, plus what the deployment asks for. */
import { join } from 'node:path';
import { CHILD_ENV } from '@signalbox/proto/messages';
import type { LaunchSpec } from './launcher.ts';

/** What the agent's own environment says of results and secrets holds for the runs it starts; all else of ours is its business. */
const INHERITED = /^SIGNALBOX_(RESULTS_|SECRET_|SECRETS_DIR$|FAULT_DIR$)/;
/** The agent trusts its own proxy's CA; flows choose theirs. */
const NOT_INHERITED = ['NODE_EXTRA_CA_CERTS', 'NODE_CHANNEL_FD', 'NODE_UNIQUE_ID'];

export interface ChildConnection {
  readonly socketPath: string;
  readonly token: string;
}

export function childEnvironment(
  base: NodeJS.ProcessEnv,
  spec: LaunchSpec,
  connection: ChildConnection,
  dataDir: string,
): NodeJS.ProcessEnv {
  const isOurs = (name: string) => name.startsWith('SIGNALBOX_') && !INHERITED.test(name);
  const inherited = Object.entries(base).filter(([name]) => !isOurs(name) && !NOT_INHERITED.includes(name));
  return {
    NODE_COMPILE_CACHE: join(dataDir, 'compile-cache'),
    // Where every later attempt of a run on this agent finds what its finished tasks gave.
    SIGNALBOX_RESULTS_DIR: join(dataDir, 'results'),
    ...Object.fromEntries(inherited),
    ...textsOf(spec.variables.env),
    [CHILD_ENV.socket]: connection.socketPath,
    [CHILD_ENV.token]: connection.token,
    ...(spec.run === null ? {} : { [CHILD_ENV.run]: spec.run }),
  };
}

/** Arguments for Node itself (`--max-old-space-size=4096`). */
export function nodeArguments(variables: LaunchSpec['variables']): string[] {
  const { nodeArgs } = variables;
  return Array.isArray(nodeArgs) ? nodeArgs.filter((argument) => typeof argument === 'string') : [];
}

/** Where the code lives and the process stands. */
export function workingFolder(spec: LaunchSpec): string {
  const { workingDirectory } = spec.variables;
  if (typeof workingDirectory === 'string') return workingDirectory;
  return spec.source.kind === 'path' ? spec.source.root : process.cwd();
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, text]) => ['string', 'number', 'boolean'].includes(typeof text))
      .map(([name, text]) => [name, String(text)]),
  );
}
