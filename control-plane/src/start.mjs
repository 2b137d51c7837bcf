// How it is served: compiled code is kept, so that from the second start on the stripper of types is not even loaded (25 MB).
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./main.ts');
