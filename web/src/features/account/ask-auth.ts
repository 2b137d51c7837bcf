import { errorBodySchema } from '@signalbox/proto';

const AWAY = 'The control plane does not answer. Check your connection and try again.';

/** Sign-in and the own account are plain HTTP beside tRPC. @throws Error whose message a person may read. */
export async function askAuth<T>(path: string, body?: object): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/${path}`, {
      method: body ? 'POST' : 'GET',
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    });
  } catch {
    throw new Error(AWAY);
  }
  const reply: unknown = await response.json().catch(() => null);
  if (response.ok) return reply as T;
  const refused = errorBodySchema.safeParse(reply);
  throw new Error(refused.success ? refused.data.message : `The control plane answered ${response.status}.`);
}
