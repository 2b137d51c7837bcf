/**
 * What an agent starts for each run (`@signalbox/sdk/child`). It speaks `proto/messages/child` over a local socket.
 *
 * The compile cache must be on before the rest is imported: it keeps both the compiled code and the JavaScript that
 * TypeScript files become, for this package and for the author's files alike.
 */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { runChild } = await import('./child-session.ts');
runChild(process.env);
