/** Known and unknown take the same time, by many pairs of tries that take turns. `SIGNALBOX_AUTHZ_TRIES` of each; default 1,000. */
import { randomBytes } from 'node:crypto';
import { toId, uuidv7 } from '@signalbox/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApi, type Tenant, type TestApi } from '../test/api.ts';
import { openTally } from '../test/tally.ts';
import { hashSecret, newCheckedSecret } from './platform/secrets.ts';

const TRIES = Number(process.env['SIGNALBOX_AUTHZ_TRIES'] ?? 1_000);
const WARM_UP = 100;
/** Pairs that are looked at together: so long the machine is about as busy. */
const BLOCK = 50;
/** Tries are made on until the answer is clear, so many times over and so long at most. */
const MOST_BATCHES = 20;
const ON_AND_ON_MS = 120_000;
/** Shares of the unknown's median. */
const MAX_DIFFERENCE = 0.05;

const tally = openTally('timing');
let api: TestApi;
let tenant: Tenant;
let other: Tenant;

beforeAll(async () => {
  // Every try from an address of its own, so that no limit answers in its place.
  api = await openTestApi({ trustedProxies: 1 });
  [tenant, other] = [await api.tenant(), await api.tenant()];
});
afterAll(() => api[Symbol.asyncDispose]());

const address = () => `2001:${randomBytes(6).toString('hex').match(/.{4}/g)?.join(':')}::1`;
const post = (path: string, body: object) =>
  Promise.resolve(
    api.app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'http://localhost:4200', 'x-forwarded-for': address() },
      body: JSON.stringify(body),
    }),
  ).then((response) => response.text().then((text) => ({ status: response.status, text })));
const forgetAttempts = () => api.db.systemSql.query('DELETE FROM identity_rate_limit');

/**
 * How much longer one takes than the other, as a share of the unknown's: the mean of the middle half of the differences of
 * neighbors. Pairs, taken in turns, fall on the same moment of the machine; the middle leaves out what else it did. Blocks of
 * pairs count by how sure they are, so that the quiet moments of a busy machine say what is so: those in which somebody who
 * measures would see the most.
 */
async function difference(known: () => Promise<unknown>, unknown: () => Promise<unknown>, between = async () => {}): Promise<number> {
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    await between();
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  };
  for (let i = 0; i < WARM_UP; i++) await timed(i % 2 === 0 ? known : unknown);
  const blocks: Block[] = [];
  const startedAt = performance.now();
  while (true) {
    for (let tries = 0; tries < TRIES; tries += BLOCK) {
      const [differences, unknowns]: [number[], number[]] = [[], []];
      for (let i = 0; i < BLOCK; i++) {
        tally.ask();
        // Each first as often.
        const first = i % 2 === 0 ? await timed(known) : null;
        const of = await timed(unknown);
        differences.push((first ?? (await timed(known))) - of);
        unknowns.push(of);
      }
      blocks.push({ ...middleOf(differences), usual: unknowns.toSorted((x, y) => x - y)[BLOCK / 2] as number });
    }
    const { mean, error, usual } = allOf(blocks);
    const [share, unsure] = [Math.abs(mean) / usual, (2 * error) / usual];
    // A machine that is busy with other things blurs the answer: it is asked on until it is clear, either way.
    const isClear = share + unsure < MAX_DIFFERENCE || share - unsure > MAX_DIFFERENCE;
    if (!isClear && blocks.length * BLOCK < MOST_BATCHES * TRIES && performance.now() - startedAt < ON_AND_ON_MS) continue;
    const told = `${mean >= 0 ? '+' : ''}${mean.toFixed(3)} ms, unknown ${usual.toFixed(3)} ms`;
    console.error(
      `  known ${told}: ${((100 * mean) / usual).toFixed(1)} % (2 standard errors ${(100 * unsure).toFixed(1)} %, ${blocks.length * BLOCK} tries)`,
    );
    return share;
  }
}

/** Of neighbors: the mean difference and its standard error, and what the unknown took; all in milliseconds. */
type Block = { readonly mean: number; readonly error: number; readonly usual: number };

/** Each block weighs by the inverse of its variance: of independent looks at one thing the surest sum. */
function allOf(blocks: readonly Block[]): Block {
  const weights = blocks.map(({ error }) => 1 / error ** 2);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const weighed = (of: (block: Block) => number) => blocks.reduce((sum, block, i) => sum + of(block) * (weights[i] as number), 0) / whole;
  return { mean: weighed(({ mean }) => mean), error: Math.sqrt(1 / whole), usual: weighed(({ usual }) => usual) };
}

/** The mean of the middle half, and its standard error: that of a trimmed mean, by the winsorized variance. */
function middleOf(all: readonly number[]): { mean: number; error: number } {
  const sorted = all.toSorted((x, y) => x - y);
  const [from, to] = [Math.floor(all.length / 4), Math.ceil((all.length * 3) / 4)];
  const middle = sorted.slice(from, to);
  const mean = middle.reduce((sum, each) => sum + each, 0) / middle.length;
  const [least, most] = [middle[0] as number, middle.at(-1) as number];
  const clamped = sorted.map((each) => Math.min(Math.max(each, least), most));
  const center = clamped.reduce((sum, each) => sum + each, 0) / clamped.length;
  const variance = clamped.reduce((sum, each) => sum + (each - center) ** 2, 0) / (clamped.length - 1);
  return { mean, error: Math.sqrt(variance / all.length) / (middle.length / all.length) };
}

test('signing in with an email that is known and one that is not', async () => {
  tally.rule('sign-in');
  const attempt = (email: string) => () => post('/api/auth/sign-in/email', { email, password: 'not the password of anybody' });
  expect(
    await difference(attempt(tenant.ownerEmail), attempt('nobody@example.com'), async () => void (await forgetAttempts())),
  ).toBeLessThan(MAX_DIFFERENCE);
});

test('asking for a new password with an email that is known and one that is not', async () => {
  tally.rule('recovery');
  const attempt = (email: string) => () => post('/api/auth/recover', { email });
  expect(
    await difference(attempt(tenant.ownerEmail), attempt('nobody@example.com'), async () => void (await forgetAttempts())),
  ).toBeLessThan(MAX_DIFFERENCE);
});

test('a key that was revoked and one that never was', async () => {
  tally.rule('key look-up');
  const { secret, key } = await tenant.owner.apiKeys.create({ name: 'revoked' });
  await tenant.owner.apiKeys.revoke({ key: key.id });
  const never = newCheckedSecret('sbk_');
  expect(hashSecret(never)).not.toEqual(hashSecret(secret));
  const ask = (token: string) => () =>
    Promise.resolve(api.app.request('/trpc/me.get', { headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': address() } }));
  await ask(secret)();
  expect(await difference(ask(secret), ask(never))).toBeLessThan(MAX_DIFFERENCE);
});

test('a thing of another organization and one that never was', async () => {
  tally.rule('not found');
  const pool = await other.owner.workPools.create({ name: 'theirs' });
  const ask = (id: string) => () => tenant.owner.workPools.get({ pool: id }).catch(() => null);
  expect(await difference(ask(pool.id), ask(toId('workPool', uuidv7(Date.now()))))).toBeLessThan(MAX_DIFFERENCE);
});
