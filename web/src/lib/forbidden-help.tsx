'use client';
import { type ComponentType, createContext } from 'react';

/** Says who can give a scope that was missing. Given by the shell, so that whatever shows an error need not know how. */
export const ForbiddenHelp = createContext<ComponentType<{ scope: string }> | null>(null);
