/**
 * What an agent starts for each run (`@signalbox/sdk/child`). It speaks `proto/messages/child` over a local socket.
 *
 * Start it with `NODE_COMPILE_CACHE` set to a folder that nobody else can write: it keeps the compiled code, and the
 * JavaScript that TypeScript files become, which is most of a cold start. Not turned on here, since Node's default
 * folder for it lies in the shared temporary folder.
 */
import { runChild } from './child-session.ts';

runChild(process.env);
