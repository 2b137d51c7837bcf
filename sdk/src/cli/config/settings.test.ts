import { describe, expect, test } from 'vitest';
import { resolveSettings } from './settings.ts';

const config = {
  current: 'local',
  profiles: {
    local: { url: 'http://localhost:4200', apiKey: 'sbk_local', workspace: 'default' },
    work: { url: 'https://signalbox.example.com', apiKey: 'sbk_work', workspace: 'etl' },
  },
};

describe('where a call goes', () => {
  test('nothing given: the control plane of this machine, as nobody', () => {
    expect(resolveSettings({}, {}, { current: 'default', profiles: {} })).toEqual({
      url: 'http://localhost:4200',
      apiKey: null,
      workspace: null,
      profile: null,
      keyFrom: null,
    });
  });

  test('the current profile', () => {
    expect(resolveSettings({}, {}, config)).toMatchObject({
      url: 'http://localhost:4200',
      apiKey: 'sbk_local',
      workspace: 'default',
      profile: 'local',
    });
  });

  test('a flag goes before the environment, and that before the profile', () => {
    expect(resolveSettings({ workspace: 'a' }, { SIGNALBOX_WORKSPACE: 'b' }, config).workspace).toBe('a');
    expect(resolveSettings({}, { SIGNALBOX_WORKSPACE: 'b' }, config).workspace).toBe('b');
    expect(resolveSettings({ profile: 'work' }, { SIGNALBOX_PROFILE: 'local' }, config).profile).toBe('work');
  });

  test('a key of the environment brings no workspace of a profile', () => {
    expect(resolveSettings({}, { SIGNALBOX_API_KEY: 'sbk_env' }, config)).toMatchObject({
      apiKey: 'sbk_env',
      workspace: null,
      keyFrom: 'SIGNALBOX_API_KEY',
    });
  });

  test("a profile's key never goes to another control plane", () => {
    expect(resolveSettings({ url: 'http://evil.example.com' }, {}, config)).toMatchObject({ url: 'http://evil.example.com', apiKey: null });
    expect(resolveSettings({ url: 'http://evil.example.com', profile: 'work' }, {}, config).apiKey).toBeNull();
    expect(resolveSettings({}, { SIGNALBOX_URL: 'http://localhost:9999' }, config).apiKey).toBeNull();
  });

  test('the key of the profile that belongs to the given control plane is found', () => {
    expect(resolveSettings({ url: 'https://signalbox.example.com/' }, {}, config)).toMatchObject({ apiKey: 'sbk_work', profile: 'work' });
  });

  test('an unknown profile is refused', () => {
    expect(() => resolveSettings({ profile: 'nope' }, {}, config)).toThrow('there is no profile "nope"');
    expect(() => resolveSettings({ profile: '__proto__' }, {}, config)).toThrow('there is no profile');
  });
});
