import { describe, expect, test } from 'vitest';
import { readOptions } from './options.ts';

describe('options of npm start', () => {
  test('default to port 4200 and the embedded stack', () => {
    expect(readOptions([], {})).toMatchObject({ once: false, reset: false, port: 4200, databaseUrl: undefined, nats: undefined });
  });

  test('that are unknown are named', () => {
    expect(() => readOptions(['--onec'], {})).toThrow("Unknown option '--onec'. See npm start -- --help");
  });

  test('say what a port must be', () => {
    expect(() => readOptions([], { SIGNALBOX_PORT: '99999' })).toThrow('SIGNALBOX_PORT is "99999": expected a number from 1 to 65535');
  });

  test('take an own NATS only together with its trust file', () => {
    expect(() => readOptions([], { NATS_URL: 'nats://n:4222' })).toThrow('SIGNALBOX_NATS_TRUST_FILE must name the trust file');
    expect(readOptions([], { NATS_URL: 'nats://n:4222', SIGNALBOX_NATS_TRUST_FILE: '/t.json' }).nats).toEqual({
      url: 'nats://n:4222',
      trustFile: '/t.json',
    });
  });
});
