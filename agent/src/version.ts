/** Version of this package, as it tells it in `hello`. */
import { readFileSync } from 'node:fs';

export const AGENT_VERSION = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
