import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { findKey } from '../api-keys/find-key.ts';
import { findObject, type ObjectOptions } from './find-object.ts';
import { findPerson, findServiceAccount } from './find-subject.ts';

type ExplainOptions = GlobalOptions & ObjectOptions & { person?: string; serviceAccount?: string; key?: string; denied?: boolean };

export async function explainAccess(context: Context, options: ExplainOptions, wanted?: string): Promise<void> {
  const [subject, object] = [await subjectOf(context, options), await findObject(context, options)];
  const explained = await (await context.client()).access.explain.query({ subject, object });
  const text = wanted?.toLowerCase() ?? '';
  const scopes = explained.scopes.filter(
    ({ scope, what, allowed }) => `${scope} ${what}`.toLowerCase().includes(text) && !(options.denied && allowed),
  );
  if (context.json) return context.printJson({ ...explained, scopes });
  const { style } = context;
  context.note(
    `${explained.subject.name} has the role ${explained.role}${explained.object ? ` on ${explained.object.kind} ${explained.object.name}` : ''}.`,
  );
  context.printTable(
    scopes,
    [
      { header: 'MAY', value: ({ allowed }) => (allowed ? style.green('yes') : style.dim('no')) },
      { header: 'SCOPE', value: ({ scope }) => scope },
      { header: 'BECAUSE', value: ({ because }) => because.join('; '), min: 30 },
    ],
    wanted ? `No scope is like "${wanted}".` : 'There is nothing of the kind.',
  );
}

async function subjectOf(context: Context, { person, serviceAccount, key }: ExplainOptions) {
  if ([person, serviceAccount, key].filter((each) => each !== undefined).length > 1)
    throw new CliError('--person, --service-account and --key name several; name one');
  if (person !== undefined) return { kind: 'person' as const, id: (await findPerson(context, person)).id };
  if (serviceAccount !== undefined) return { kind: 'service-account' as const, id: (await findServiceAccount(context, serviceAccount)).id };
  if (key !== undefined) return { kind: 'api-key' as const, id: (await findKey(context, key)).id };
  return undefined;
}
