/** Templates: types kept, nothing of ours reached, and an end to each. */
import { describe, expect, it } from 'vitest';
import { problemOfTemplate, renderAll, renderText, templatesOf } from './render.ts';

const templates = templatesOf('https://signalbox.example');
const scope = {
  event: {
    payload: { rows: 12, ok: true, list: [1, 2], nested: { a: 'b' }, nothing: null },
    resource: { id: 'run_1', name: 'brave-otter' },
  },
  run: { id: 'run_1', name: 'brave-otter' },
};

describe('a text', () => {
  it.each<[string, unknown]>([
    ['no template', 'no template'],
    ['{{ event.payload.rows }}', 12],
    ['{{ event.payload.ok }}', true],
    ['{{ event.payload.list }}', [1, 2]],
    ['{{ event.payload.nested }}', { a: 'b' }],
    ['{{ event.payload.missing }}', null],
    ['{{ event.payload.rows | times: 2 }}', 24],
    ['{{ event.payload.missing | default: "x" }}', 'x'],
    ['{{ event.payload.rows }} rows', '12 rows'],
    ['{{ event.payload.rows }}{{ event.payload.rows }}', '1212'],
    ['{% for n in event.payload.list %}{{ n }};{% endfor %}', '1;2;'],
    ['{{ run | ui_url }}', 'https://signalbox.example/runs/run_1'],
    ['{{ event.resource | events_url }}', 'https://signalbox.example/events?about=run_1'],
    ['{{ 3725 | humanize }}', '1 h 2 min'],
    ['{{ event.payload.nested | json }}', '{"a":"b"}'],
  ])('%s becomes %j', (text, value) => {
    expect(renderText(templates, text, scope)).toEqual(value);
  });
});

describe('nothing of ours', () => {
  it.each([
    '{{ event.constructor }}',
    '{{ event.__proto__ }}',
    '{{ event.payload.list.constructor.constructor }}',
    '{{ process.env }}',
    '{{ globalThis }}',
  ])('is reached by %s', (text) => {
    expect(renderText(templates, text, scope)).toBeNull();
  });

  it.each(["{% include '/etc/passwd' %}", "{% render '../../package.json' %}", "{% layout 'x' %}"])('is read by %s', (text) => {
    expect(() => renderText(templates, text, scope)).toThrow(/tag/);
  });
});

describe('there is an end to', () => {
  it.each([
    '{% for a in (1..100000) %}{% for b in (1..100000) %}x{% endfor %}{% endfor %}',
    '{% assign s = "xxxxxxxxxx" %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}{{ s }}',
    `{{ "${'x'.repeat(20_000)}" }} y`,
  ])('%.60s', (text) => {
    expect(() => renderText(templates, text, scope)).toThrow();
  });
});

it('what is wrong is named with its place, and the rest is filled in', () => {
  const { value, problems } = renderAll(templates, { a: ['{{ run.id }}', '{{ run.id | nope }}'], b: { c: 1 } }, scope);
  expect(value).toEqual({ a: ['run_1', null], b: { c: 1 } });
  expect(problems).toEqual([{ field: 'a.1', message: expect.stringContaining('nope') }]);
  expect(problemOfTemplate('{{ a | nope ')).not.toBeNull();
  expect(problemOfTemplate('{% if a %}x{% endif %}')).toBeNull();
});
