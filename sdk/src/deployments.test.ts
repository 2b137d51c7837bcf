import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deployInput } from '@signalbox/proto/api';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { works } from '../test/fixture-flows.ts';
import { deploy } from './deploy.ts';
import { loadDeployments, toDeployInput } from './deployments.ts';
import { digestFolder } from './digest.ts';
import { flow } from './flow.ts';
import { cron, interval } from './schedules.ts';

const ROOT = path.join(import.meta.dirname, '..');
const from = { url: new URL('../test/fixture-flows.ts', import.meta.url).href };

describe('what is sent for a deployment', () => {
  test('fits the contract: where the code is, its digest, its schema, its schedules', async () => {
    const [weather] = await loadDeployments(path.join(ROOT, '../examples/weather/flow.ts'));
    if (!weather) throw new Error('no deployment');
    const input = deployInput.parse(await toDeployInput(weather));
    expect(input).toMatchObject({
      flow: 'weather',
      name: 'daily',
      pool: 'local',
      source: { kind: 'path', root: path.join(ROOT, '../examples'), entrypoint: 'weather/flow.ts', exportName: 'weather' },
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      timeoutMs: 300_000,
      schedules: [
        { slug: 'every-morning', active: true, spec: { kind: 'cron', cron: '0 6 * * *', timezone: 'America/Los_Angeles' } },
        { slug: 'latest-year', active: true, spec: { kind: 'interval', everyMs: 21_600_000 }, parameters: { years: [2015] } },
      ],
    });
    expect(input.parameterSchema).toMatchObject({ type: 'object', properties: { years: { type: 'array' }, threshold: { default: 1 } } });
  });

  test('leaves to the control plane what the author left out', async () => {
    const input = await toDeployInput(works.deployment({ name: 'bare', pool: 'local', from }));
    const said = Object.entries(input).filter(([, value]) => value !== undefined);
    expect(said.map(([key]) => key)).toEqual(['flow', 'name', 'pool', 'source', 'digest']);
  });

  test('names schedules by their place when they have no slug', async () => {
    const input = await toDeployInput(works.deployment({ name: 'a', pool: 'local', from, schedules: [cron('0 6 * * *'), interval('1h')] }));
    expect(input.schedules?.map(({ slug }) => slug)).toEqual(['cron-1', 'interval-2']);
  });

  test('goes to the client, one by one, in order', async () => {
    const sent: string[] = [];
    const client = { deployments: { deploy: { mutate: async (input: { name: string }) => void sent.push(input.name) as never } } };
    const both = ['a', 'b'].map((name) => works.deployment({ name, pool: 'local', from }));
    await deploy(both, { client });
    expect(sent).toEqual(['a', 'b']);
  });
});

describe('a deployment that cannot be read says what to do:', () => {
  test('a file that is missing', async () => {
    await expect(loadDeployments('/no/such/file.ts')).rejects.toThrow('no such file: /no/such/file.ts');
  });

  test('a file without deployments', async () => {
    await expect(loadDeployments(path.join(ROOT, 'test/fixture-flows.ts'))).rejects.toThrow(
      /exports no deployment \(flows: .*works.*\)\. Add, for example:\n {2}export const deployments = defineDeployments\(\[/,
    );
  });

  test('a flow that its file does not export', async () => {
    const elsewhere = works.deployment({ name: 'a', pool: 'local', from, entrypoint: './supervisor.ts' });
    await expect(toDeployInput(elsewhere)).rejects.toThrow(/deployment "works\/a": .*supervisor\.ts does not export the flow/);
  });

  test('parameters that JSON cannot carry', async () => {
    const dated = flow({ name: 'dated', parameters: z.object({ day: z.date() }) }, () => 1);
    // The flow is checked before its file is looked into.
    await expect(toDeployInput(dated.deployment({ name: 'a', pool: 'local', from }))).rejects.toThrow(
      'flow "dated": parameters: expected a schema that can be written as JSON Schema',
    );
  });

  test('a deployment that says nowhere where its flow is', async () => {
    await expect(toDeployInput(works.deployment({ name: 'a', pool: 'local' }))).rejects.toThrow('from: expected import.meta');
  });
});

test('a digest follows names and contents of the sources, and nothing else', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sb-digest-'));
  try {
    await cp(path.join(ROOT, 'test'), folder, { recursive: true });
    const digest = await digestFolder(folder);
    await writeFile(path.join(folder, '.hidden'), 'x');
    expect(await digestFolder(folder)).toBe(digest);
    await writeFile(path.join(folder, 'new.ts'), '');
    const withNew = await digestFolder(folder);
    expect(withNew).not.toBe(digest);
    await writeFile(path.join(folder, 'new.ts'), ' ');
    expect(await digestFolder(folder)).not.toBe(withNew);
  } finally {
    await rm(folder, { recursive: true });
  }
});
