import { expect, test } from 'vitest';
import { agent } from './services.ts';

test('what enrols an agent stands in its environment, never in its arguments, which every user of the machine can read', () => {
  const spec = agent({ port: 4200, joinCode: 'sbj_code', dataDir: '/data', examplesUrl: 'postgres://examples', watch: false });
  expect(JSON.stringify(spec.args)).not.toContain('sbj_code');
  expect(spec.env).toMatchObject({ SIGNALBOX_JOIN_CODE: 'sbj_code' });
});
