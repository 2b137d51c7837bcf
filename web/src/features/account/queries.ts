import { queryOptions } from '@tanstack/react-query';
import { askAuth } from './ask-auth.ts';

export interface OwnSecurity {
  readonly sessions: readonly {
    readonly id: string;
    readonly method: string;
    readonly address: string | null;
    readonly userAgent: string | null;
    readonly createdAt: string;
    readonly lastUsedAt: string;
    readonly isCurrent: boolean;
  }[];
  readonly passkeys: readonly { readonly id: string; readonly name: string; readonly createdAt: string }[];
  readonly hasPassword: boolean;
  readonly hasSecondFactor: boolean;
}

export const accountQueries = {
  security: () => queryOptions({ queryKey: ['account', 'security'], queryFn: () => askAuth<OwnSecurity>('auth/security') }),
};
