import { expect, test } from 'vitest';
import { OomWatch, readOomKills } from './oom-kills.ts';

const files = (known: Record<string, string>) => (path: string) => {
  const text = known[path];
  if (text === undefined) throw new Error('ENOENT');
  return text;
};

test.each([
  [
    'of its own group',
    { '/proc/self/cgroup': '0::/agents/a\n', '/sys/fs/cgroup/agents/a/memory.events': 'low 0\noom 2\noom_kill 2\noom_group_kill 0\n' },
    2,
  ],
  ['inside a container', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.events': 'oom 1\noom_kill 1\n' }, 1],
  ['of the first version of groups', { '/sys/fs/cgroup/memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n' }, 3],
  ['where nothing is told', {}, null],
])('kills %s', (_where, known, expected) => expect(readOomKills(files(known))).toBe(expected));

test('a rise of the count is told of the exits around it alone', () => {
  let count = 4;
  const watch = new OomWatch(() => count);
  expect(watch.justKilled()).toBe(false);
  count = 5;
  watch.look();
  expect(watch.justKilled()).toBe(true);
  expect(new OomWatch(() => null).justKilled()).toBe(false);
});
