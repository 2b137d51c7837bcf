/** What templates see, by what the event is about. */
import type { AutomationFiring, Event } from '@signalbox/proto/api';
import { expect, it } from 'vitest';
import { renderText, templatesOf } from './render.ts';
import { scopeOf, scopesNamed } from './scope.ts';

const event = (resource: Record<string, string>, related: Event['related'] = []): Event => ({
  position: 1,
  id: 'evt',
  name: 'x',
  occurredAt: '2026-01-02T03:04:05.000Z',
  receivedAt: '2026-01-02T03:04:05.000Z',
  resource,
  related,
  payload: { message: 'boom', attempt: 2 },
  follows: null,
});
const firing = { id: 'fire_1' as const, kind: 'triggered' as const, at: '', firedAt: '', key: [], why: 'because' };
const seen = (text: string, of: Event | null, parts: AutomationFiring['parts'] = []) =>
  renderText(templatesOf('https://s.example'), text, scopeOf({ automation: { id: 'auto_1', name: 'a' }, firing, event: of, parts }));

const taskRun = event({ id: 'run_1/1.2', kind: 'task-run', name: 'load-2', task: 'load' }, [
  { role: 'run', id: 'run_1', name: 'brave-otter' },
]);
it.each<[string, Event | null, unknown]>([
  ['{{ task_run.task }} of {{ run.name }}: {{ task_run.message }}', taskRun, 'load of brave-otter: boom'],
  // The message is the task run's.
  ['{{ run.message }}', taskRun, null],
  ['{{ run.attempt }}', event({ id: 'run_1', kind: 'run' }), 2],
  ['{{ concurrency_limit.name }}', event({ id: 'lim_1', kind: 'limit', name: 'db' }), 'db'],
  ['{{ events.size }}', taskRun, 1],
  ['{{ events[0].resource }}', event({ id: 'x' }), { id: 'x' }],
  ['{{ firings[0].why }}', null, 'because'],
  ['{{ events }}', null, []],
  ['{{ task_run }}', null, null],
])('%s', (text, of, value) => {
  expect(seen(text, of)).toEqual(value);
});

it('sees all that took part in a compound or a sequence', () => {
  const parts = ['a', 'b'].map((id, part) => ({ part, at: '2026-01-02T03:04:05.000Z', event: event({ id }) }));
  const silence = { part: 2, at: '2026-01-02T03:05:05.000Z', event: null };
  const text = '{% for one in events %}{{ one.resource.id }} {% endfor %}{% for one in firings %}{{ one.part }}{% endfor %}';
  expect(seen(text, event({ id: 'b' }), [...parts, silence])).toBe('a b 012');
});

it.each<[unknown, string[]]>([
  [{ parameters: { day: '{{ run.parameters.day }}' } }, ['runs:read']],
  [{ subject: `{{ flow_run["parameters"] }}` }, ['runs:read']],
  [{ headers: { key: 'Bearer {{ variables.token }}' } }, ['variables:read']],
  [{ body: `{{ variables["a"] }}{{ run.parameters.b }}` }, ['runs:read', 'variables:read']],
  [{ type: 'run-deployment', parameters: { run: 'x', variables: 'y' } }, []],
])('%j asks for the right to %j', (action, scopes) => {
  expect(scopesNamed(action)).toEqual(scopes);
});
