/** Round trips: what a file or a form brings back keeps what is stored, and nothing goes where it was not meant to. */
import { type AutomationAction, automationActionSchema } from '@signalbox/proto/api';
import { describe, expect, it } from 'vitest';
import { type ActionLists, hideHeaders } from '../../../domain/webhook-headers.ts';
import type { AppError } from '../../../platform/errors.ts';
import { closeHeaders, openAction, openHeaders, sealPlain } from './seal-headers.ts';

const owner = { secret: 'a secret of the tests, 32 characters long', workspaceId: '019a' };
const call = (url: string, headers: Record<string, string>, more: object = {}): AutomationAction =>
  automationActionSchema.parse({ type: 'call-webhook', url, headers, ...more });
const lists = (...onTrigger: AutomationAction[]): ActionLists => ({ onTrigger, onResolve: [] });
const headersOf = (of: ActionLists) => of.onTrigger.map((action) => (action.type === 'call-webhook' ? action.headers : null));
const A = 'https://a.example/one';
const KEPT = '(sealed)';
const refusal = (call: Promise<unknown>): Promise<AppError> =>
  call.then(
    () => Promise.reject(new Error('the call was expected to be refused')),
    (error: AppError) => error,
  );
const other: AutomationAction = { type: 'cancel-run' };

describe('a value', () => {
  it('is sealed where it is stored, differently each time, and opened as it was', async () => {
    const plain = lists(call(A, { Authorization: 'Bearer {{ event.id }} canary', Accept: 'json' }), {
      type: 'retry-run',
      mode: 'from-failed',
    });
    const [one, two] = await Promise.all([closeHeaders(owner, plain), closeHeaders(owner, plain)]);
    expect(JSON.stringify(one)).not.toContain('canary');
    expect(headersOf(one)).not.toEqual(headersOf(two));
    expect(await openHeaders(owner, one)).toEqual(plain);
  });

  it('is opened in its workspace, for its origin, with its secret, and not else', async () => {
    const [sealed] = (await closeHeaders(owner, lists(call(A, { key: 'canary' })))).onTrigger;
    if (sealed?.type !== 'call-webhook') throw new Error('not a call');
    expect(await openAction(owner, { ...sealed, url: 'https://a.example/two' })).toMatchObject({ headers: { key: 'canary' } });
    for (const [who, action] of [
      [{ ...owner, workspaceId: '019b' }, sealed],
      [{ ...owner, secret: 'another secret of the tests, also long' }, sealed],
      [owner, { ...sealed, url: 'https://b.example/one' }],
      [owner, { ...sealed, headers: { key: 'sealed:nothing' } }],
    ] as const)
      expect(await refusal(openAction(who, action))).toMatchObject({
        code: 'INVALID_INPUT',
        issues: [{ field: 'onTrigger.0.headers.key' }],
      });
  });

  it('of before values were sealed is read as it is, and sealed when it is saved', async () => {
    const old = lists(call('https://{{ event.host }}/x', { key: 'plain' }));
    expect(await openHeaders(owner, old)).toEqual(old);
    for (const saved of [
      await closeHeaders(owner, old, [old]),
      await closeHeaders(owner, hideHeaders(old), [old]),
      await sealPlain(owner, old),
    ]) {
      expect(JSON.stringify(saved)).not.toContain('plain');
      expect(await openHeaders(owner, saved)).toEqual(old);
      expect(await sealPlain(owner, saved)).toEqual(saved);
    }
  });
});

describe('what comes back from a file or a form', () => {
  const one = call(A, { key: 'k1' }, { body: { n: 1 } });
  const two = call('https://a.example/two', { key: 'k2', other: 'o2' });
  const three = call('https://a.example/two', { key: 'k3' });
  const elsewhere = call('https://b.example/', { key: 'k4' });
  const shown = (action: AutomationAction, more: object = {}) => ({ ...hideHeaders(action), ...more }) as AutomationAction;

  it.each<[string, AutomationAction[], Record<string, string>[]]>([
    ['as it was shown', [shown(one), shown(two), shown(elsewhere)], [{ key: 'k1' }, { key: 'k2', other: 'o2' }, { key: 'k4' }]],
    ['in another order', [shown(elsewhere), shown(two), shown(one)], [{ key: 'k4' }, { key: 'k2', other: 'o2' }, { key: 'k1' }]],
    ['less a call', [shown(two)], [{ key: 'k2', other: 'o2' }]],
    ['with another body', [shown(one, { body: 'x' })], [{ key: 'k1' }]],
    ['with another method', [shown(one, { method: 'PUT' })], [{ key: 'k1' }]],
    ['with a value that is new', [call(A, { key: 'new', more: 'x' })], [{ key: 'new', more: 'x' }]],
    ['with the name in other letters', [call(A, { KEY: KEPT })], [{ KEY: 'k1' }]],
    ['less a header', [call('https://a.example/two', { other: KEPT })], [{ other: 'o2' }]],
  ])('%s keeps what is stored', async (_how, back, opened) => {
    const before = await closeHeaders(owner, lists(one, two, elsewhere));
    const saved = await closeHeaders(owner, lists(...back), [before]);
    expect(headersOf(await openHeaders(owner, saved))).toEqual(opened);
  });

  it('unchanged is the very same, values that were typed again too', async () => {
    const before = await closeHeaders(owner, lists(one, two, three, elsewhere));
    expect(await closeHeaders(owner, hideHeaders(before), [before])).toEqual(before);
    expect(await closeHeaders(owner, lists(one, two, three, elsewhere), [before])).toEqual(before);
    expect(await closeHeaders(owner, before, [before])).toEqual(before);
  });

  it.each<[string, AutomationAction, string]>([
    ['at another origin', call('https://b.example/one', { other: KEPT }), 'none is stored for it at this address'],
    ['at another path of the origin', call('https://a.example/new', { key: KEPT }), 'none is stored for it at this address'],
    ['where a template says which', call('https://{{ x }}/', { key: KEPT }), 'none is stored for it at this address'],
    ['of another name', call(A, { wrong: KEPT }), 'none is stored'],
    ['of one of several', call('https://a.example/two', { key: KEPT }, { method: 'PUT' }), 'several are stored'],
    ['that somebody read in the database', call(A, { key: 'sealed:eyJhbGciOiJkaXIi' }), 'the value, not a sealed one'],
    ['for a host of a template', call('https://{{ event.host }}/', { key: 'new' }), 'no header where a template says which host'],
    ['over the bound', call(A, { key: 'x'.repeat(4_097) }), 'at most 4096 bytes'],
  ])('with a value %s is refused, and says no value', async (_what, action, expected) => {
    const before = await closeHeaders(owner, lists(two, one, elsewhere, three));
    const refused = await refusal(closeHeaders(owner, lists(other, other, other, other, action), [before]));
    const [header = ''] = Object.keys(action.type === 'call-webhook' ? action.headers : {});
    expect(refused).toMatchObject({ code: 'INVALID_INPUT', issues: [{ field: `onTrigger.4.headers.${header}` }] });
    expect(refused.issues?.[0]?.expected).toContain(expected);
    expect(refused.message + JSON.stringify(refused.issues)).not.toMatch(/k\d|eyJ/);
  });

  it('is looked for in what is seen before what code says', async () => {
    const [seen, code] = await Promise.all([closeHeaders(owner, lists(call(A, { key: 'seen' }))), closeHeaders(owner, lists(one))]);
    const saved = await closeHeaders(owner, lists(call(A, { key: KEPT })), [seen, code]);
    expect(headersOf(await openHeaders(owner, saved))).toEqual([{ key: 'seen' }]);
  });
});
