/** Real flows of the SDK for the agent's own tests. They note what user code did in a file that the test reads. */
import { appendFileSync, existsSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { flow, runContext, task } from '@signalbox/sdk';

interface Parameters {
  journal: string;
  /** The flow waits for this file. */
  gate?: string;
  /** It prints nothing. */
  quiet?: boolean;
}

const note = (parameters: Parameters, text: string) => appendFileSync(parameters.journal, `${text}\n`);

const step = task({ name: 'step' }, async (n: number) => n * 2);

export const works = flow({ name: 'works' }, async (parameters: Parameters) => {
  note(parameters, `called ${process.pid}`);
  runContext().logger.info('hello from the flow');
  if (!parameters.quiet) process.stdout.write('printed by the flow\n');
  const doubled = await step(21);
  await passGate(parameters);
  return doubled;
});

/** Blocks its event loop: it can neither hear a word nor give a sign. */
export const blocks = flow({ name: 'blocks' }, async (parameters: Parameters) => {
  note(parameters, `called ${process.pid}`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (;;);
});

export const dies = flow({ name: 'dies' }, async (parameters: Parameters) => {
  note(parameters, `called ${process.pid}`);
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => {});
});

async function passGate({ gate }: Parameters): Promise<void> {
  if (!gate) return;
  const { signal } = runContext();
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(dirname(gate), (_event, name) => name === basename(gate) && finish());
    const finish = (error?: unknown) => {
      watcher.close();
      if (error) reject(error as Error);
      else resolve();
    };
    signal.addEventListener('abort', () => finish(signal.reason));
    if (existsSync(gate)) finish();
  });
}
