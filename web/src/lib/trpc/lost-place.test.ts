import type { Me } from '@signalbox/proto/api';
import { TRPCClientError } from '@trpc/client';
import { describe, expect, it } from 'vitest';
import { lostPlaceOf } from './lost-place.ts';
import { makeQueryClient } from './query-client.ts';

const answered = (code: string, details?: Record<string, unknown>) =>
  Object.assign(new TRPCClientError('x'), { data: { signalbox: { code, message: 'Said by the control plane.', details } } });
const here = (purgeAt: string | null = null) =>
  ({ workspace: { id: 'ws_1', name: 'Etl', purgeAt }, organization: { id: 'org_1', name: 'Acme', purgeAt } }) as unknown as Me;

describe('a page that is open', () => {
  it.each([
    ['workspace', 'NOT_FOUND', { kind: 'workspace', id: 'ws_1' }, 'Etl is not open to you any more'],
    ['organization', 'NOT_FOUND', { kind: 'organization', id: 'org_1' }, 'Acme is not open to you any more'],
    ['workspace', 'FORBIDDEN', { kind: 'workspace', id: 'ws_1' }, 'Etl is not open to you from here'],
    ['workspace', 'PRECONDITION_FAILED', { kind: 'workspace', id: 'ws_1' }, 'Etl was deleted'],
  ])('has lost its %s when that is %s', (_, code, details, title) => {
    expect(lostPlaceOf(answered(code, details), here())).toMatchObject({ title });
  });

  it.each([
    ['a run that is not there', answered('NOT_FOUND', { kind: 'run', id: 'run_1' })],
    ['another workspace that was asked for', answered('NOT_FOUND', { kind: 'workspace', id: 'ws_2' })],
    ['a scope that is missing', answered('FORBIDDEN', { scope: 'runs:read' })],
    ['an answer without details', answered('NOT_FOUND')],
    ['a control plane that is away', new TypeError('fetch failed')],
  ])('has lost nothing by %s', (_, error) => {
    expect(lostPlaceOf(error, here())).toBeNull();
  });

  it('of a workspace that was deleted before it was loaded stays: it offers to restore it', () => {
    expect(lostPlaceOf(answered('PRECONDITION_FAILED', { id: 'ws_1' }), here('2026-12-01T00:00:00Z'))).toBeNull();
  });

  it('hears of every question and every write that is refused, whatever those do about it themselves', async () => {
    const heard: unknown[] = [];
    const client = makeQueryClient((error) => heard.push(error));
    const refused = answered('NOT_FOUND', { kind: 'workspace', id: 'ws_1' });
    const refuse = () => Promise.reject(refused);
    await client.fetchQuery({ queryKey: ['x'], queryFn: refuse }).catch(() => {});
    await client
      .getMutationCache()
      .build(client, { mutationFn: refuse, onError: () => {} })
      .execute(undefined)
      .catch(() => {});
    expect(heard).toEqual([refused, refused]);
  });
});
