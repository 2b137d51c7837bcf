/** Enrolment: a join code and the public key go out, an identity and a credential come back. The key stays. */
import { enrollReplySchema } from '@signalbox/proto/messages';
import type { Logger } from 'pino';
import { pause } from './bell.ts';
import { Backoff } from './channel/backoff.ts';
import { type AgentConfig, ConfigError } from './config.ts';
import { HttpRefusedError, networkReason, postJson } from './http.ts';
import { type AgentKey, type Enrolled, findEnrolled, saveEnrolled } from './identity.ts';

const TIMEOUT_MS = 10_000;

/** The identity of this data folder; enrolls at the first start. @throws ConfigError when there is no way to. */
export async function ensureEnrolled(config: AgentConfig, key: AgentKey, log: Logger, signal: AbortSignal): Promise<Enrolled> {
  const known = findEnrolled(config.dataDir);
  if (known) {
    if (config.joinCode) log.info({ agent: known.agent }, 'enrolled already: the join code was not needed');
    return known;
  }
  if (!config.joinCode && !(config.apiKey && config.pool)) {
    throw new ConfigError(
      `${config.dataDir} holds no enrolled agent: give a join code (--join-code, from Work pools > Install an agent), or SIGNALBOX_API_KEY and --pool`,
    );
  }
  const backoff = new Backoff(500, 10_000);
  for (;;) {
    try {
      const own = { publicKey: key.publicKey, name: config.name };
      const body = config.joinCode ? { ...own, joinCode: config.joinCode } : { ...own, pool: config.pool };
      const enrolled = enrollReplySchema.parse(
        await postJson(`${config.url}/api/agents/enroll`, body, TIMEOUT_MS, signal, config.joinCode ? null : config.apiKey),
      );
      saveEnrolled(config.dataDir, enrolled);
      log.info({ agent: enrolled.agent, workspace: enrolled.workspace.slug, pool: enrolled.pool.name }, 'enrolled');
      return enrolled;
    } catch (error) {
      if (signal.aborted) throw error;
      const isFinal = error instanceof HttpRefusedError && error.body.code !== 'UNAVAILABLE' && error.body.code !== 'LIMIT_EXCEEDED';
      if (isFinal) throw new ConfigError(`${config.url} refused the ${config.joinCode ? 'join code' : 'API key'}: ${error.body.message}`);
      log.warn({ url: config.url, error: networkReason(error) }, 'enrolment did not go through; trying again');
      await pause(backoff.next(), signal);
    }
  }
}
