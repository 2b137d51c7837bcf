/** The command `signalbox-agent`, also behind `signalbox agent`. */
import { Command, CommanderError } from 'commander';
import { type AgentOptions, ConfigError, readConfig } from './config.ts';
import { createLog } from './log.ts';
import { AGENT_VERSION } from './version.ts';

/** Runs one command. Resolves with the exit code: 0 done, 1 failed, 2 wrongly asked. */
export async function runAgentCli(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command('signalbox-agent')
    .description('Runs flows on this machine for a Signalbox work pool.')
    .version(AGENT_VERSION)
    .exitOverride();

  withOptions(program.command('start').description('serve a work pool until stopped; TERM drains'))
    .option('--join-code <code>', 'enroll with this code (first start only)')
    .option('--pool <name>', 'enroll for this pool with SIGNALBOX_API_KEY (first start only)')
    .option('--slots <n>', 'runs at once (default: processors)')
    .option('--max-processes <n>', 'processes at once, warm ones included (default: 4 x slots + warm)')
    .option('--warm <n>', 'processes kept warm (default: slots, at most 4)')
    .action(async (options: AgentOptions) => {
      code = await start(options);
    });

  withOptions(program.command('doctor').description('check the way to the control plane hop by hop'))
    .option('--json', 'print the findings as JSON')
    .action(async (options: AgentOptions & { json?: boolean }) => {
      const { runDoctor } = await import('./doctor.ts');
      code = await runDoctor(readConfig(options), options.json ?? false);
    });

  withOptions(program.command('status').description('what the agent of this data folder is doing'))
    .option('--json', 'print it as JSON')
    .action(async (options: AgentOptions & { json?: boolean }) => {
      const { printStatus } = await import('./print-status.ts');
      code = printStatus(readConfig(options), options.json ?? false);
    });

  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  return code;
}

function withOptions(command: Command): Command {
  return command
    .option('--url <url>', 'address of the control plane (SIGNALBOX_URL)')
    .option('--nats-url <urls>', 'dial NATS here, comma-separated, instead of where the control plane says (SIGNALBOX_NATS_URL)')
    .option('--name <name>', 'name to show (default: host name)')
    .option('--data-dir <folder>', 'identity, journal and children (default: ~/.signalbox/agent)');
}

async function start(options: AgentOptions): Promise<number> {
  const config = readConfig(options);
  const log = createLog(config.logLevel);
  const stop = new AbortController();
  const stopNow = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ signal }, stop.signal.aborted ? 'stopping at once' : 'asked to stop');
    if (stop.signal.aborted) stopNow.abort();
    else stop.abort();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const { runAgent } = await import('./agent.ts');
  try {
    await runAgent(config, log, stop.signal, stopNow.signal);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    log.fatal(
      { error: error instanceof Error ? error.message : String(error), stack: error instanceof Error ? error.stack : undefined },
      'the agent cannot go on',
    );
    return error instanceof ConfigError ? 2 : 1;
  }
}
