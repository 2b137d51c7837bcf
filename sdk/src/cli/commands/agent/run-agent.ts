import { CliError } from '../../cli-error.ts';

/** What the agent's package promises to this command: arguments in, exit code out. */
interface AgentPackage {
  runAgentCli(argv: readonly string[]): Promise<number>;
}

/** Hands over to the agent's own command line, which is a package of its own: not everybody who deploys runs one. */
export async function runAgent(argv: readonly string[]): Promise<number> {
  const agent = await loadAgent();
  return agent.runAgentCli(argv);
}

/** Reached only with an option that takes a value before `agent`: the agent would never see it. */
export async function misplacedOptions(): Promise<void> {
  throw new CliError('options of the agent stand after `agent`', {
    hint: 'for example: signalbox agent start --url http://localhost:4200',
  });
}

async function loadAgent(): Promise<AgentPackage> {
  // Not a literal: the package is no dependency of this one, and depends on it itself.
  const name: string = '@signalbox/agent';
  try {
    return (await import(name)) as AgentPackage;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND' || !String(error).includes(name)) throw error;
    throw new CliError('the agent is not installed here', {
      hint: 'install it beside this command: npm install @signalbox/agent',
      cause: error,
    });
  }
}
