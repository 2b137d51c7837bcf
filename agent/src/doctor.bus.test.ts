import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AgentHome } from '../test/agent-process.ts';
import { FakeControlPlane } from '../test/fake-control-plane.ts';
import { readConfig } from './config.ts';
import { diagnose } from './doctor.ts';

let control: FakeControlPlane;
let home: AgentHome;

beforeAll(async () => {
  control = await FakeControlPlane.start();
  home = new AgentHome(control.url);
});
afterAll(async () => {
  await home?.[Symbol.asyncDispose]();
  await control?.[Symbol.asyncDispose]();
});

const configOf = (more: object = {}) => readConfig({ url: control.url, dataDir: home.dataDir, ...more }, {});

describe('doctor', () => {
  test('an agent that was never enrolled fails at the credential, with the command that mends it', async () => {
    const findings = await diagnose(configOf());
    expect(findings.at(-1)).toMatchObject({ hop: 'credential', ok: false, fix: 'signalbox-agent start --join-code <code>' });
  });

  test('beside a running agent all hops are sound, and the agent keeps its session', async () => {
    const signal = AbortSignal.timeout(20_000);
    const agent = home.start();
    await agent.says('ready', signal);
    const session = control.session;
    const findings = await diagnose(configOf());
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    expect(findings.at(-1)?.hop).toBe('claim round trip');
    expect(control.session).toBe(session);
  });

  test('a name that does not resolve fails at DNS and goes no further', async () => {
    const findings = await diagnose(configOf({ url: 'http://no-such-host.invalid' }));
    expect(findings.at(-1)).toMatchObject({ hop: 'DNS', ok: false });
  });

  test('a control plane that is not there fails at HTTPS', async () => {
    const findings = await diagnose(configOf({ url: 'http://127.0.0.1:9' }));
    expect(findings.at(-1)).toMatchObject({ hop: 'HTTPS', ok: false });
    expect(findings.at(-1)?.detail).not.toBe('fetch failed');
  });

  test('a control plane that takes no claims fails at the round trip', async () => {
    control.deaf.add('claim');
    const findings = await diagnose(configOf());
    expect(findings.at(-1)).toMatchObject({ hop: 'claim round trip', ok: false });
    control.deaf.clear();
  });
});
