/** A real nats-server of one's own, in operator mode with JetStream. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NatsHome, natsHome } from '../dev/nats.ts';
import { natsBinary } from '../dev/nats-binary.ts';
import { freePort } from '../dev/ports.ts';
import { sendSignal, startProcess, stopProcess, untilReady } from '../dev/processes.ts';
import { runTag } from './run-tag.ts';

export type TestBus = AsyncDisposable &
  Pick<NatsHome, 'url' | 'trust' | 'trustFile'> & {
    /** `kill -9`: nothing is flushed, clients see the connection break. */
    kill(): Promise<void>;
    /** Starts it again on the same port with the same store. */
    restart(): Promise<void>;
    /** Loses its disk: streams, consumers and the accounts pushed to it. Kill it first. */
    wipe(): void;
  };

/** Takes some 100 ms. Open it with `await using`, once per file. */
export async function startTestBus(): Promise<TestBus> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bus-'));
  const home = await natsHome(folder, await natsBinary(), { port: await freePort(), monitorPort: await freePort() });
  const launch = async () => {
    const started = await startProcess(home.process, folder, runTag());
    await untilReady(started, folder);
    return started;
  };
  let server = await launch();
  return {
    url: home.url,
    trust: home.trust,
    trustFile: home.trustFile,
    async kill() {
      sendSignal(server.identity.pid, 'SIGKILL');
      await server.ended;
    },
    async restart() {
      await stopProcess(server);
      server = await launch();
    },
    wipe() {
      for (const name of ['jetstream', 'accounts']) rmSync(join(folder, name), { recursive: true, force: true });
    },
    [Symbol.asyncDispose]: async () => {
      await stopProcess(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
