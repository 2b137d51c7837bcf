import { createWebhookInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { checked, readDefinitions } from '../../read-definitions.ts';

/** A secret is better named than written down: `secretEnv` says which variable of the environment holds it. */
const fileSchema = createWebhookInput.extend({ isEnabled: z.boolean().optional() });
type Applied = { name: string; outcome: 'created' | 'updated'; url: string | null };

export async function applyWebhooks(context: Context, { file }: GlobalOptions & { file: string }): Promise<void> {
  const wanted = await webhooksIn(context, file);
  const client = await context.client();
  const known = new Map((await client.webhooks.list.query()).map(({ name, id }) => [name, id]));
  const applied: Applied[] = [];
  for (const { isEnabled, ...webhook } of wanted) {
    const id = known.get(webhook.name);
    if (id !== undefined)
      await client.webhooks.update.mutate({ webhook: id, ...webhook, ...(isEnabled === undefined ? {} : { isEnabled }) });
    else {
      const made = await client.webhooks.create.mutate(webhook);
      if (isEnabled === false) await client.webhooks.update.mutate({ webhook: made.webhook.id, isEnabled });
      applied.push({ name: webhook.name, outcome: 'created', url: made.url });
      continue;
    }
    applied.push({ name: webhook.name, outcome: 'updated', url: null });
  }
  if (context.json) return context.printJson(applied);
  for (const { name, outcome, url } of applied) context.print(`${name}: ${outcome}${url === null ? '' : ` ${url}`}`);
  if (applied.some(({ url }) => url !== null)) context.note(context.style.dim('Addresses are shown once.'));
}

/** All of a file are right before one is sent. @throws CliError that names the field */
function webhooksIn(context: Context, file: string): Promise<z.output<typeof fileSchema>[]> {
  return readDefinitions(context, file, 'a webhook or a list of them', (value, at) =>
    checked(file, fileSchema, withSecret(value, context.host.env), at),
  );
}

function withSecret(webhook: unknown, env: Context['host']['env']): unknown {
  const { verify } = (webhook ?? {}) as { verify?: Record<string, unknown> };
  if (typeof verify?.['secretEnv'] !== 'string') return webhook;
  const { secretEnv, ...rest } = verify;
  const secret = env[secretEnv as string];
  if (!secret) throw new CliError(`verify.secretEnv: expected the environment variable ${secretEnv} to hold the secret`);
  return { ...(webhook as object), verify: { ...rest, secret } };
}
