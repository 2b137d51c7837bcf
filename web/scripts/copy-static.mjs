// `next build` leaves static files out of the standalone folder; this puts them where its server looks.
import { cp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const from = fileURLToPath(new URL('../.next/static', import.meta.url));
const to = fileURLToPath(new URL('../.next/standalone/web/.next/static', import.meta.url));

await rm(to, { recursive: true, force: true });
await cp(from, to, { recursive: true });
