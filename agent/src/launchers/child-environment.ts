/** The environment of a child: the agent's own, less what is the agent's business, plus what the deployment asks for. */
import { CHILD_ENV } from '@signalbox/proto/messages';
import type { LaunchSpec } from './launcher.ts';

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
  compileCache: string,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(base).filter(([name]) => !name.startsWith('SIGNALBOX_') && !NOT_INHERITED.includes(name));
  return {
    NODE_COMPILE_CACHE: compileCache,
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
