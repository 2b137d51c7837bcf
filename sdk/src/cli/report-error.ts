import type { FieldIssue } from '@signalbox/proto';
import type { SignalboxError } from '../client/signalbox-error.ts';
import { CliError } from './cli-error.ts';
import type { Settings } from './config/settings.ts';
import type { Context } from './context.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';
import { styleFor } from './output/style.ts';
import { harmless } from './output/width.ts';

/**
 * Tells a person what went wrong: one line, then a line per field, then what to do. Answers the exit code.
 * Stacks only with `--debug`.
 */
export async function reportError(thrown: unknown, context: Context): Promise<number> {
  const { isSignalboxError } = await import('../client/signalbox-error.ts');
  const { host, options } = context;
  const style = styleFor(host.stderr, host.env, options.color !== false);
  const lines: string[] = [];
  const say = (message: string, issues: readonly FieldIssue[], hint: string | null) => {
    const [first = '', ...more] = message.split('\n').map((line) => harmless(line));
    lines.push(
      `${style.red('error:')} ${first}`,
      ...more.map((line) => `  ${line}`),
      ...issues.map((issue) => `  ${describeIssue(issue)}`),
    );
    if (hint) lines.push(`${style.cyan('hint:')} ${hint}`);
  };

  let exitCode: number = EXIT.internal;
  if (thrown instanceof CliError) {
    exitCode = thrown.exitCode;
    if (exitCode === EXIT.interrupted) lines.push(thrown.message);
    else say(thrown.message, thrown.issues, thrown.hint);
  } else if (isSignalboxError(thrown)) {
    exitCode = exitCodeOf(thrown);
    const settings = await context.settings().catch(() => null);
    // A message that only repeats the first issue is not said twice.
    const [first] = thrown.issues;
    const isRepeated = first !== undefined && thrown.message.includes(describeIssue(first));
    const request = thrown.code === 'INTERNAL' && thrown.requestId ? ` (request ${thrown.requestId})` : '';
    const message = isRepeated ? `the input was refused${subjectOf(thrown.message, describeIssue(first))}` : `${thrown.message}${request}`;
    say(message, thrown.issues, hintFor(thrown, settings));
  } else {
    say(
      thrown instanceof Error ? thrown.message : String(thrown),
      [],
      'this is a fault of the command itself; run it with --debug for the stack',
    );
  }
  if (options.debug) lines.push(...stackLines(thrown));
  host.stderr.write(`${lines.join('\n')}\n`);
  return exitCode;
}

/** `parameters.years: expected array, got "x"` */
export function describeIssue(issue: FieldIssue): string {
  // Some name the expectation as a sentence of their own; do not say "expected expected".
  const expected = issue.expected.startsWith('expected') ? issue.expected : `expected ${issue.expected}`;
  return harmless(`${issue.field}: ${expected}${issue.received === undefined ? '' : `, got ${issue.received}`}`);
}

function hintFor(
  error: Pick<SignalboxError, 'code' | 'retryAfterMs' | 'issues' | 'details' | 'requestId'>,
  settings: Settings | null,
): string | null {
  switch (error.code) {
    case 'UNAUTHENTICATED':
      if (settings?.keyFrom === 'SIGNALBOX_API_KEY')
        return 'SIGNALBOX_API_KEY was refused: it may have expired or been revoked; make another in the console';
      if (settings?.keyFrom === 'profile')
        return `the key of profile "${settings.profile}" was refused: sign in again with \`signalbox login\``;
      return 'sign in with `signalbox login`, or set SIGNALBOX_API_KEY';
    case 'FORBIDDEN':
      return '`signalbox whoami` shows what you may do; ask an admin of the workspace for a higher role';
    case 'UNAVAILABLE':
      // It answered: what it needs itself is away.
      if (error.requestId !== null) return 'runs go on meanwhile: try again in a moment';
      return settings ? `is the control plane running at ${settings.url}? Choose another with --url or SIGNALBOX_URL` : null;
    case 'LIMIT_EXCEEDED':
      return error.retryAfterMs === null ? null : `try again in ${Math.ceil(error.retryAfterMs / 1_000)} s`;
    case 'INTERNAL':
      return 'the log of the control plane has the cause';
    default:
      return typeof error.details.hint === 'string' ? error.details.hint : (LISTED_BY[String(error.details.kind)] ?? null);
  }
}

/** Where a person finds what there is, by the kind of what there is not. */
const LISTED_BY: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    agent: 'agents ls',
    automation: 'automations ls',
    backfill: 'backfills ls',
    calendar: 'calendars ls',
    deployment: 'deployments ls',
    job: 'runs jobs',
    'legal hold': 'retention show',
    limit: 'limits ls',
    run: 'runs ls',
    schedule: 'schedules ls',
    variable: 'variables ls',
    webhook: 'webhooks ls',
    'work pool': 'pools ls',
    'work queue': 'queues ls',
    workspace: 'workspace ls',
  }).map(([kind, command]) => [kind, `list them with \`signalbox ${command}\``]),
);

/** What a verb put before the message, such as the deployment that was refused: ` (weather/daily)`. */
function subjectOf(message: string, issue: string): string {
  const subject = message.slice(0, message.indexOf(issue)).replace(/:\s*$/, '');
  return subject === '' ? '' : ` (${subject})`;
}

function stackLines(thrown: unknown): string[] {
  const lines: string[] = [];
  for (let at = thrown, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    lines.push(depth === 0 ? (at.stack ?? at.message) : `caused by ${at.stack ?? at.message}`);
  }
  return lines;
}
