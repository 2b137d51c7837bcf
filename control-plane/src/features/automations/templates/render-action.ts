/** An action with its templates filled in, checked again as what it has become. */
import { type AutomationAction, automationActionSchema } from '@signalbox/proto/api';
import type { Allowance } from '../../../platform/templates.ts';
import { renderAll, type TemplateProblem, type TemplateScope, type Templates } from './render.ts';

export type Rendered =
  | { readonly action: AutomationAction; readonly problems: readonly [] }
  | { readonly action: null; readonly problems: readonly TemplateProblem[] };

export function renderAction(templates: Templates, action: AutomationAction, scope: TemplateScope, allowed: Allowance): Rendered {
  const { value, problems } = renderAll(templates, action, scope, allowed);
  if (problems.length > 0) return { action: null, problems };
  const parsed = automationActionSchema.safeParse(textsOf(action, value));
  if (parsed.success) return { action: parsed.data, problems: [] };
  return { action: null, problems: parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message })) };
}

/** Values keep their types where anything may stand (parameters, payload, the body of a webhook); a field of its own is a text. */
function textsOf(action: AutomationAction, rendered: unknown): unknown {
  const before = action as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(rendered as Record<string, unknown>).map(([field, value]) => {
      if (typeof before[field] !== 'string' || typeof value === 'string' || (field === 'body' && action.type === 'call-webhook'))
        return [field, value];
      return [field, value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)];
    }),
  );
}
