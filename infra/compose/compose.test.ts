import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../dev/paths.ts';
import { parseDockerfile, type Stage } from './dockerfile.ts';

type Service = {
  image?: string;
  build?: { context: string; dockerfile: string };
  environment?: Record<string, string>;
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: object;
  ports?: string[];
};

const read = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8');
const text = read('compose.yaml');
const compose = parse(text, { merge: true }) as { services: Record<string, Service>; volumes: Record<string, null> };
const services = Object.entries(compose.services);
const dockerfiles = globSync('*.Dockerfile', { cwd: import.meta.dirname });

describe('the compose file', () => {
  test('builds from Dockerfiles that exist, or names an image with its version', () => {
    for (const [name, { image, build }] of services) {
      if (build) expect(existsSync(join(import.meta.dirname, build.context, build.dockerfile)), name).toBe(true);
      else expect(image, name).toMatch(/^[a-z]+:\d+\.\d+/);
    }
    expect(services.flatMap(([, { build }]) => build?.dockerfile.split('/').at(-1) ?? []).sort()).toEqual(
      expect.arrayContaining(dockerfiles.sort()),
    );
  });

  test('waits for services that exist, in a way that they can answer', () => {
    for (const [name, { depends_on = {} }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(compose.services[other], `${name} waits for ${other}`).toBeDefined();
        if (condition === 'service_healthy') expect(compose.services[other]?.healthcheck, other).toBeDefined();
      }
    }
  });

  test('mounts volumes that are declared', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0]));
    expect([...new Set(mounted)].sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  test('asks for no variable that .env.example does not explain', () => {
    const asked = [...text.matchAll(/\$\{(\w+)/g)].map((match) => match[1]);
    const explained = [...read('.env.example').matchAll(/^(\w+)=/gm)].map((match) => match[1]);
    expect([...new Set(asked)].sort()).toEqual(explained.sort());
  });

  test('sets only variables that the control plane reads', () => {
    const config = readFileSync(join(ROOT, 'control-plane/src/config.ts'), 'utf8');
    for (const name of Object.keys(compose.services['control-plane']?.environment ?? {})) expect(config).toContain(`${name}:`);
  });

  test('publishes nothing but the control plane, on loopback', () => {
    expect(services.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`))).toEqual([
      'control-plane 127.0.0.1:4200:4200',
    ]);
  });
});

describe.each(dockerfiles)('%s', (file) => {
  const stages = parseDockerfile(read(file));
  const last = stages.at(-1) as Stage;
  const of = (stage: Stage, name: string) => stage.instructions.filter((instruction) => instruction.name === name);

  test('builds on a Node of a known major, or on a stage of its own', () => {
    const names = stages.map(({ name }) => name);
    for (const { image } of stages) expect(names.includes(image) || /^node:24-/.test(image), image).toBe(true);
  });

  test('copies only what is in the repository, or comes from an earlier stage', () => {
    for (const instruction of stages.flatMap((stage) => of(stage, 'COPY'))) {
      const from = instruction.flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length);
      if (from) {
        expect(
          stages.some(({ name }) => name === from),
          `line ${instruction.line}`,
        ).toBe(true);
        continue;
      }
      for (const source of instruction.value.split(' ').slice(0, -1))
        expect(existsSync(join(ROOT, source)), `line ${instruction.line}: ${source}`).toBe(true);
    }
  });

  test('names every workspace, so that the lock file is whole', () => {
    const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { workspaces: string[] };
    for (const workspace of workspaces) expect(read(file)).toContain(`COPY ${workspace}/package.json ${workspace}/`);
  });

  test('does not run as root, and starts a program of the image', () => {
    expect(of(last, 'USER').at(-1)?.value).toBe('node');
    const started = [...of(last, 'ENTRYPOINT'), ...of(last, 'CMD')].flatMap(({ value }) => JSON.parse(value) as string[]);
    expect(started[0]).toBe('node');
    if (started[1] !== 'web/server.js') expect(existsSync(join(ROOT, started[1] ?? '')), started[1]).toBe(true);
  });
});

describe('reading a Dockerfile', () => {
  test('names the line of what it does not know', () => {
    expect(() => parseDockerfile('FROM node:24\nCOPPY a b')).toThrow('line 2: unknown instruction COPPY');
    expect(() => parseDockerfile('RUN x')).toThrow('line 1: RUN before the first FROM');
  });
});
