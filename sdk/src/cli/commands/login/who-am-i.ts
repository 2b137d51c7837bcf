import type { Context } from '../../context.ts';
import { nameOf } from './login.ts';

export async function whoAmI(context: Context): Promise<void> {
  const settings = await context.settings();
  const me = await (await context.client()).me.get.query();
  if (context.json) return context.printJson(me);
  const { workspace } = me;
  context.printFields([
    ['control plane', settings.url],
    ['signed in as', nameOf(me)],
    ['with', settings.keyFrom === 'profile' ? `profile "${settings.profile}"` : settings.keyFrom],
    ['workspace', workspace && `${workspace.slug} (${workspace.organization.name} / ${workspace.name})`],
    ['role', workspace?.role ?? null],
    ['scopes', me.scopes.join(' ')],
  ]);
}
