import type { RunFailure } from '@signalbox/proto';
import { describe, expect, test } from 'vitest';
import { signatureOf, withoutParticulars } from './fingerprint.ts';
import { hearOf, statusOf, type TriagedGroup } from './triage.ts';

describe('a message without particulars', () => {
  test.each([
    ['No station 4711 in 2012', 'No station <n> in <n>'],
    ['took 12.5 s, at most 10,000', 'took <n> s, at most <n>'],
    ['HTTP 503 of https://user:secret@api.example.com:8443/v1/orders/12?x=1', 'HTTP 503 of https://api.example.com'],
    ['request failed with status code 404', 'request failed with status code 404'],
    ['exit code 137 after 12 s', 'exit code 137 after <n> s'],
    ['code 123456', 'code <n>'],
    ['order 6a0f4f2e-3b1c-4d6e-9a51-0d9b7c1e2f3a is gone', 'order <id> is gone'],
    ['run_01h455vb4pex5vsknk084sn02q has ended', '<id> has ended'],
    ['late since 2026-01-02T03:04:05.678Z', 'late since <time>'],
    ['no rows for 2026-01-02', 'no rows for <time>'],
    ['ops@example.com does not answer', '<email> does not answer'],
    ['connect ECONNREFUSED 10.0.3.7:5432', 'connect ECONNREFUSED <address>'],
    ["ENOENT: no such file or directory, open '/tmp/run-81/in.csv'", "ENOENT: no such file or directory, open '<path>'"],
    ['object deadbeef01 at 0x7ffe', 'object <hex> at <hex>'],
    ["Cannot read properties of undefined (reading 'city')", "Cannot read properties of undefined (reading 'city')"],
    ['\u001b[31mred\u001b[0m\nsecond line', 'red'],
    ['  a \t b  ', 'a b'],
    ['', ''],
  ])('%j', (message, expected) => {
    const once = withoutParticulars(message);
    expect(once).toBe(expected);
    expect(withoutParticulars(once)).toBe(once);
  });
});

describe('a signature', () => {
  const stack = (root: string, line: number) =>
    [
      'TypeError: x',
      `    at readCity (file://${root}/flows/weather.ts:${line}:7)`,
      `    at readCity (file://${root}/flows/weather.ts:${line + 9}:7)`,
      '    at Array.map (<anonymous>)',
      `    at async Object.run [as main] (${root}/flows/weather.ts:40:3)`,
      `    at executeTask (file://${root}/node_modules/@signalbox/sdk/src/engine/execute-task.ts:10:1)`,
      '    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)',
      `    at C:\\code\\flows\\helper.ts:3:1`,
    ].join('\n');
  const failure = (over: Partial<RunFailure> = {}): RunFailure => ({
    kind: 'application',
    name: 'TypeError',
    message: 'no city 12',
    stack: stack('/srv/a', 12),
    ...over,
  });

  test('is the same on another machine, in another line and with other numbers', () => {
    const one = signatureOf(failure(), 'flow-1');
    const other = signatureOf(failure({ message: 'no city 99', stack: stack('/home/me/checkout', 70) }), 'flow-2');
    expect(one.signature).toBe(other.signature);
    expect(one.frames).toEqual(['readCity flows/weather.ts', 'run flows/weather.ts', 'flows/helper.ts']);
    expect(one.title).toBe('TypeError: no city 12');
  });

  test('of ten thousand failures with three causes is one of three', () => {
    const causes = [
      (i: number) => failure({ message: `no city ${i} at 2026-01-02T03:04:${10 + (i % 50)}Z`, stack: stack(`/srv/${i}`, i) }),
      (i: number) => failure({ name: 'Error', message: `connect ECONNREFUSED 10.0.${i % 256}.7:5432`, stack: stack('/srv/a', 7) }),
      (i: number): RunFailure => ({ kind: 'crashed', message: `the process ended with exit code 137 after ${i} s`, exitCode: 137 }),
    ];
    const all = Array.from({ length: 10_000 }, (_, i) => signatureOf((causes[i % 3] as (typeof causes)[0])(i), 'flow').signature);
    expect(new Set(all).size).toBe(3);
  });

  test.each([
    ['kind', { kind: 'timed-out' }],
    ['class', { name: 'RangeError' }],
    ['message', { message: 'no country 12' }],
    ['place', { stack: 'Error\n    at other (/srv/a/flows/weather.ts:1:1)' }],
    ['exit code', { exitCode: 1 }],
    ['signal', { signal: 'SIGKILL' }],
  ] as const)('differs by %s', (_, over) => {
    expect(signatureOf(failure(over), 'flow').signature).not.toBe(signatureOf(failure(), 'flow').signature);
  });

  test('without a frame of the user is that of its flow', () => {
    const crash: RunFailure = { kind: 'crashed', message: 'the process ended with exit code 137', exitCode: 137 };
    expect(signatureOf(crash, 'a').signature).not.toBe(signatureOf(crash, 'b').signature);
    expect(signatureOf(crash, 'a')).toMatchObject({ title: crash.message, frames: [] });
  });

  test('of a long message is bounded', () => {
    const long = signatureOf(failure({ message: 'x'.repeat(10_000), stack: 'at y\n'.repeat(5_000) }), 'flow');
    expect([long.title.length, long.signature.length < 1_000]).toEqual([300, true]);
  });
});

describe('a group', () => {
  const now = new Date('2026-01-10T00:00:00Z');
  const [before, after] = [new Date('2026-01-09T00:00:00Z'), new Date('2026-01-11T00:00:00Z')];
  const resolvedAt = new Date('2026-01-09T12:00:00Z');
  const open: TriagedGroup = { mutedUntil: null, resolvedAt: null, resolvedVersions: null };
  const seen = (over = {}) => ({ deploymentId: 'd', version: 4, at: now, ...over });

  test.each([
    ['that is open is counted', open, seen(), 'counted'],
    ['that is muted is counted', { ...open, mutedUntil: after }, seen(), 'counted'],
    ['whose mute is over is heard of again', { ...open, mutedUntil: before }, seen(), 'unmuted'],
    ['resolved at an instant: an older run is counted', { ...open, resolvedAt }, seen({ at: before }), 'counted'],
    ['resolved at an instant: a later run reopens it', { ...open, resolvedAt }, seen(), 'reopened'],
    ['resolved by version: the same version is counted', { ...open, resolvedAt, resolvedVersions: { d: 4 } }, seen(), 'counted'],
    ['resolved by version: a later one reopens it', { ...open, resolvedAt, resolvedVersions: { d: 3 } }, seen(), 'reopened'],
    ['resolved by version: another deployment reopens it', { ...open, resolvedAt, resolvedVersions: { other: 9 } }, seen(), 'reopened'],
    ['resolved and muted: reopens silently', { ...open, resolvedAt, mutedUntil: after }, seen(), 'reopened-muted'],
    [
      'resolved, whose mute is over, and not back: is counted',
      { ...open, resolvedAt, mutedUntil: before },
      seen({ at: before }),
      'counted',
    ],
  ] as const)('%s', (_, group, occurrence, expected) => {
    expect(hearOf(group, occurrence, now)).toBe(expected);
  });

  test.each([
    [{ acknowledgedAt: null }, 'open'],
    [{ acknowledgedAt: before }, 'acknowledged'],
    [{ acknowledgedAt: before, mutedUntil: after }, 'muted'],
    [{ acknowledgedAt: null, mutedUntil: before }, 'open'],
    [{ acknowledgedAt: before, mutedUntil: after, resolvedAt }, 'resolved'],
  ] as const)('with %j is %s', (facts, status) => {
    expect(statusOf({ mutedUntil: null, resolvedAt: null, ...facts }, now)).toBe(status);
  });
});
