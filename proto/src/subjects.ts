/**
 * Every NATS subject, built and parsed here and nowhere else.
 *
 * An agent speaks in its workspace's account (`rt.<agent>.<verb>`); the server rewrites that into the PLATFORM
 * account with the workspace account's public key in it (`rt.<account>.<agent>.<verb>`), which a sender cannot forge.
 * `<agent>` and `<pool>` are bare 26-character id suffixes.
 */
import { isSuffix } from './ids.ts';

/** What an agent may ask of the control plane, one subject token each. */
export const AGENT_VERBS = ['hello', 'claim', 'stand', 'permit', 'renew', 'state', 'bulk', 'call', 'token', 'bye'] as const;
export type AgentVerb = (typeof AGENT_VERBS)[number];

/** From the control plane to an agent: hints, each repeated in a renewal's answer, and answers to claims that stand, which are asked for again. A lost one costs time only. */
export const COMMAND_VERBS = ['cancel', 'hold', 'wake', 'drain', 'rotate', 'canary', 'answer'] as const;
export type CommandVerb = (typeof COMMAND_VERBS)[number];

const ACCOUNT_KEY = /^A[A-Z2-7]{55}$/;

/** Subjects as an agent sees them, inside its workspace's account. */
export const agentSubjects = {
  request: (agent: string, verb: AgentVerb) => `rt.${bare(agent)}.${verb}`,
  commands: (agent: string) => `cmd.${bare(agent)}.>`,
  commandsToAll: 'cmd.all',
  inboxPrefix: (agent: string) => `_INBOX.${bare(agent)}`,
  /** Prefix of the JetStream API as imported into a workspace's account. */
  jetstreamApiPrefix: 'RUNS.API',
} as const;

/** Subjects as the control plane sees them, inside the PLATFORM account. */
export const platformSubjects = {
  requests: (verb: AgentVerb) => `rt.*.*.${verb}`,
  command: (account: string, agent: string, verb: CommandVerb) => `cmd.${key(account)}.${bare(agent)}.${verb}`,
  commandToAll: (account: string) => `cmd.${key(account)}.all`,
  offer: (shard: number, account: string, pool: string) => `d.${shard}.${key(account)}.${bare(pool)}`,
  offers: (shard: number) => `d.${shard}.>`,
  offerStream: (shard: number) => `D${shard}`,
  /** Between replicas: "this pool has work that became due". */
  nudge: (pool: string) => `int.nudge.${bare(pool)}`,
  nudges: 'int.nudge.*',
  /** Between replicas: events were committed, or have their positions. */
  wake: (topic: 'appended' | 'sequenced') => `int.wake.${topic}`,
  wakes: 'int.wake.*',
  /** Between replicas: "look at these again", for live pages; a list of them. */
  live: (workspace: string) => `int.lives.${bare(workspace)}`,
  lives: 'int.lives.*',
  /** Of the build before, one thing a message: `int.live.<workspace>.<kind>.<id>`. */
  oneLive: 'int.live.>',
  /** Round trip by which a replica proves NATS end to end before it lets served time advance. */
  proof: (replica: string) => `int.proof.${bare(replica)}`,
} as const;

/** Who sent a request, as the server vouches for it. Null when the subject does not fit: ignore the message. */
export function parseRequestSubject(subject: string): { account: string; agent: string; verb: AgentVerb } | null {
  const [head, account, agent, verb, ...rest] = subject.split('.');
  if (head !== 'rt' || rest.length > 0 || !account || !agent || !verb) return null;
  if (!ACCOUNT_KEY.test(account) || !isSuffix(agent)) return null;
  if (!(AGENT_VERBS as readonly string[]).includes(verb)) return null;
  return { account, agent, verb: verb as AgentVerb };
}

function bare(suffix: string): string {
  if (!isSuffix(suffix)) throw new RangeError(`a subject takes the bare 26-character suffix of an id, got ${suffix}`);
  return suffix;
}

function key(account: string): string {
  if (!ACCOUNT_KEY.test(account)) throw new RangeError(`not the public key of a NATS account: ${account}`);
  return account;
}
