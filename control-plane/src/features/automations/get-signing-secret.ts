/** What a receiver checks `call-webhook` by, in the form that libraries of Standard Webhooks take. */
import type { Ctx } from '../../platform/services.ts';
import { signingKey } from './actions/call-webhook.ts';

export async function getSigningSecret({ settings, workspace }: Ctx): Promise<{ secret: string }> {
  return { secret: `whsec_${signingKey(settings.secret, workspace.id).toString('base64')}` };
}
