import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFailed, test } from 'vitest';
import { isAlive, startOf } from '../dev/process-identity.ts';
import { sendSignal } from '../dev/processes.ts';
import { launcherHome, type Started } from './launcher.ts';

/** Usable from here on; the demo is over. */
const UP = /Signalbox is up: /;

async function until(started: Started, pattern: RegExp): Promise<void> {
  onTestFailed(() => console.error(started.output()));
  const ended = started.ended.then((code) => expect.fail(`ended with ${code}:\n${started.output()}`));
  await Promise.race([expect.poll(() => started.output(), { timeout: 150_000, interval: 50 }).toMatch(pattern), ended]);
}

test('npm start runs the demo, stays up, takes one launcher a folder, and Ctrl-C leaves no process', async () => {
  await using home = await launcherHome();
  const first = home.start();
  await until(first, UP);
  expect(first.output()).toMatch(/Completed after [\d.]+ s, \d+ tasks/);
  expect(
    home
      .noted()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['agent', 'console', 'control-plane', 'nats', 'postgres']);
  expect((await fetch(`${home.url}/sign-in`)).status).toBe(200);

  const second = home.start();
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`Signalbox runs here already: http://localhost:${home.port} (pid ${first.pid})`);

  first.interrupt();
  expect(await first.ended).toBe(0);
  expect(home.processes()).toEqual([]);
  expect(existsSync(join(home.data, 'launcher.lock'))).toBe(false);
});

test('a part that dies is started again, and the launcher says why', async () => {
  await using home = await launcherHome();
  const started = home.start();
  await until(started, UP);
  for (const { pid } of home.noted()) sendSignal(pid, 'SIGKILL');
  await expect.poll(() => started.output().match(/ended \(killed by SIGKILL\); starting it again/g)?.length, { timeout: 30_000 }).toBe(5);
  await expect
    .poll(
      async () =>
        fetch(`${home.url}/ready`).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 30_000 },
    )
    .toBe(200);
  started.interrupt();
  expect(await started.ended).toBe(0);
  expect(home.processes()).toEqual([]);
});

test('a start after a killed launcher ends what that one left, says so and exits with 1; the next one starts', async () => {
  await using home = await launcherHome();
  const killed = home.start();
  await until(killed, UP);
  const left = home.processes();
  sendSignal(killed.pid, 'SIGKILL');
  await killed.ended;
  expect(left.filter(isAlive).length).toBeGreaterThan(0);

  const refused = home.start();
  expect(await refused.ended).toBe(1);
  expect(refused.output().trim()).toBe(`✗ An earlier start (pid ${killed.pid}) was killed; the 5 processes it left are ended. Start again`);
  expect(left.filter(isAlive)).toEqual([]);

  const again = home.start();
  await until(again, /Console serves/);
  again.interrupt();
  await again.ended;
  expect(home.processes()).toEqual([]);
});

test('--once prints a one-line summary last, leaves no process, and --reset begins from nothing', async () => {
  await using home = await launcherHome();
  const once = home.start(['--once']);
  expect(await once.ended, once.output()).toBe(0);
  expect(JSON.parse(once.stdout())).toEqual({
    run: expect.stringMatching(/^run_/),
    state: 'Completed',
    tasks: expect.any(Number),
    seconds: expect.any(Number),
  });
  expect(home.processes()).toEqual([]);
  const before = readdirSync(home.data);

  const reset = home.start(['--once', '--reset']);
  expect(await reset.ended, reset.output()).toBe(0);
  expect(reset.output()).toContain(`Deleting the data in ${home.data}`);
  expect(readdirSync(home.data).sort()).toEqual(before.sort());
});

test('a terminal that is closed ends the launcher, and nothing stays behind', async () => {
  await using home = await launcherHome();
  const started = home.start();
  await until(started, UP);
  started.hangUp();
  await started.ended;
  expect(home.processes()).toEqual([]);
});

test('Ctrl-C during the start stops what runs already', async () => {
  await using home = await launcherHome();
  const started = home.start();
  await until(started, /NATS runs/);
  started.interrupt();
  expect(await started.ended).toBe(130);
  expect(home.processes()).toEqual([]);
  expect(startOf(started.pid)).toBeNull();
});
