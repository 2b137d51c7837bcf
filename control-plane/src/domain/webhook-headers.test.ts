import { describe, expect, it } from 'vitest';
import { fixedOrigin, hideHeaders, isHeaderValue, withoutValues } from './webhook-headers.ts';

describe('the origin that an address leads to', () => {
  it.each([
    ['https://example.com/hook', 'https://example.com'],
    ['https://EXAMPLE.com:443/{{ event.id }}?a={{x}}', 'https://example.com'],
    ['https://example.com:8443?to={{ x }}', 'https://example.com:8443'],
    ['https://user:word@example.com/{{ x }}', 'https://example.com'],
    ['https://example.com', 'https://example.com'],
    ['https:\\\\example.com\\{{ x }}', 'https://example.com'],
  ])('is fixed in %s', (url, origin) => {
    expect(fixedOrigin(url)).toBe(origin);
  });

  it.each([
    '{{ variables.address }}',
    'https://{{host}}/hook',
    'https://example.com{{ ".evil.example" }}/hook',
    'https://example.com:{{ x }}/hook',
    'https://{{x}}@example.com/hook',
    'https://example.com@{{x}}/hook',
    'https:///{{ x }}',
    'https:\\\\\\{{ x }}',
    'https://\t/{{ x }}',
    'https://example.{% if x %}com{% endif %}/hook',
    'not an address',
  ])('is for a template to say in %s', (url) => {
    expect(fixedOrigin(url)).toBeNull();
  });
});

describe('what is shown', () => {
  it('has no value of a header, however deep the call is, and all else', () => {
    const call = { type: 'call-webhook', url: 'https://example.com', headers: { 'X-Key': 'secret', Accept: 'json' } };
    const hidden = { ...call, headers: { 'X-Key': '(sealed)', Accept: '(sealed)' } };
    const event = { type: 'emit-event', payload: { headers: { kept: 'as it is' } } };
    expect(hideHeaders({ code: { onTrigger: [event, call] }, action: call, none: null })).toEqual({
      code: { onTrigger: [event, hidden] },
      action: hidden,
      none: null,
    });
    expect(hideHeaders(call, new Set(['json']))).toMatchObject({ headers: { 'X-Key': '(sealed anew)', Accept: '(sealed)' } });
  });

  it.each([
    ['as it is', 'no such key: secret-key-1', 'no such key: (sealed)'],
    ['as JSON has it', '{"x-key":"a \\"quoted\\" word"}', '{"x-key":"(sealed)"}'],
    ['without its scheme', 'unknown token abcdefgh1234', 'unknown token (sealed)'],
    ['cut off at the end', 'you sent Bearer abcdefg', 'you sent (sealed)'],
    ['not at all', 'busy', 'busy'],
  ])('of an answer has no value that was sent: %s', (_how, answer, shown) => {
    expect(withoutValues(answer, ['secret-key-1', 'a "quoted" word', 'Bearer abcdefgh1234', 'ab'])).toBe(shown);
  });
});

it('a value is what HTTP takes', () => {
  expect(['Bearer x', 'caf\u00e9', 'a\tb', ''].every(isHeaderValue)).toBe(true);
  expect(['a\r\nb', '\u20ac', 'a\u0000', 'a\u007f'].some(isHeaderValue)).toBe(false);
});
