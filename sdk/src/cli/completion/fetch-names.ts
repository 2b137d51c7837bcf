import { createClient } from '../../client/index.ts';
import { readConfig } from '../config/config-file.ts';
import { resolveSettings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import type { NameKind } from './complete.ts';

/** A person waits with a finger on the key. */
const PATIENCE_MS = 1_500;
const LIMIT = 100;

export async function fetchNames(kind: NameKind, host: Host): Promise<{ name: string; description: string }[]> {
  try {
    const { url, apiKey, workspace } = resolveSettings({}, host.env, await readConfig(host.env));
    const client = createClient({
      url,
      apiKey: apiKey ?? undefined,
      workspace: workspace ?? undefined,
      timeoutMs: PATIENCE_MS,
      retry: { retries: 0 },
    });
    switch (kind) {
      case 'deployments':
        return (await client.deployments.list.query({ limit: LIMIT })).items.map((each) => ({
          name: `${each.flow.name}/${each.name}`,
          description: firstLine(each.description),
        }));
      case 'pools':
        return (await client.workPools.list.query({ limit: LIMIT })).items.map((each) => ({ name: each.name, description: each.status }));
      case 'limits':
        return (await client.limits.list.query({ limit: LIMIT })).items.map((each) => ({
          name: each.name,
          description: `${Math.ceil(each.taken)} of ${each.slots}`,
        }));
      case 'agents':
        return (await client.agents.list.query({ limit: LIMIT })).items.map((each) => ({ name: each.name, description: each.status }));
      case 'runs':
        return (await client.runs.list.query({ limit: LIMIT })).items.map((each) => ({
          name: each.name,
          description: `${each.flow.name} ${each.state.name}`,
        }));
      default:
        return kind satisfies never;
    }
  } catch {
    return [];
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
