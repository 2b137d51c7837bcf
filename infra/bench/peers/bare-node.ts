/** The floor of anything that starts a process: how long Node itself takes to its first line. */
import { spawn } from 'node:child_process';

export const BARE_NODE = `bare node ${process.versions.node}`;

/** Milliseconds from spawn to the first line of a script, one at a time. */
export async function coldStarts(samples: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let i = 0; i < samples; i++) latencies.push(await coldStart());
  return latencies;
}

function coldStart(): Promise<number> {
  const from = performance.timeOrigin + performance.now();
  // The same as agents do: extra certificates cost a process tens of milliseconds and are stripped from children.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const child = spawn(process.execPath, ['-e', 'process.stdout.write(String(performance.timeOrigin + performance.now()))'], { env });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve(Number(said) - from));
  });
}
