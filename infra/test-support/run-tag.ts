/** What a test run hands to its workers, and the mark that everything it starts carries. */
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Value of SIGNALBOX_STACK in the environment of every process that this run starts. */
    runTag: string;
    /** Superuser of the throw-away Postgres; tests use `createTestDatabase()`. */
    postgresAdminUrl: string;
  }
}

export const runTag = (): string => inject('runTag');
