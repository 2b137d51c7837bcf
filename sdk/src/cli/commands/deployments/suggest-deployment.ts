import type { Client } from '../../../client/index.ts';
import { isSignalboxError, SignalboxError } from '../../../client/index.ts';

/** Does something with a deployment that a person named; when there is none of that name, the error says which are near. */
export async function withSuggestion<T>(client: Client, ref: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isSignalboxError(error, 'NOT_FOUND')) throw error;
    const hint = await hintFor(client, ref);
    throw new SignalboxError(
      { code: 'NOT_FOUND', message: error.message, issues: [...error.issues], details: { ...error.details, hint } },
      { cause: error },
    );
  }
}

async function hintFor(client: Client, ref: string): Promise<string> {
  const names = await client.deployments.list.query({ limit: 200 }).then(
    (page) => page.items.map((each) => `${each.flow.name}/${each.name}`),
    () => [],
  );
  const near = nearest(ref, names);
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`;
  return names.length > 0 ? 'list them with `signalbox deployments ls`' : 'nothing is deployed yet: `signalbox deploy FILE`';
}

/** Names that a slip of a few letters, or only naming the flow, would turn `ref` into; best first, three at most. */
export function nearest(ref: string, names: readonly string[]): string[] {
  const wanted = ref.toLowerCase();
  return names
    .map((name) => {
      const lower = name.toLowerCase();
      const isPart = lower.startsWith(`${wanted}/`) || lower.endsWith(`/${wanted}`);
      return { name, cost: isPart ? 0 : distance(wanted, lower) };
    })
    .filter(({ cost }) => cost <= Math.max(2, Math.floor(ref.length / 4)))
    .sort((a, b) => a.cost - b.cost)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Letters to add, take out, change or swap. @see https://en.wikipedia.org/wiki/Levenshtein_distance */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
