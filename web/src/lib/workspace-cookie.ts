/** Remembers the workspace a person works in, for server components and the next visit. */
export const WORKSPACE_COOKIE = 'signalbox_workspace';
const YEAR_S = 365 * 86_400;

export function rememberWorkspace(slug: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and Safari of last year.
  document.cookie = `${WORKSPACE_COOKIE}=${encodeURIComponent(slug)}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax`;
}

/** The first one that is open is meant then. */
export function forgetWorkspace(): void {
  // biome-ignore lint/suspicious/noDocumentCookie: as above.
  document.cookie = `${WORKSPACE_COOKIE}=; Path=/; Max-Age=0; SameSite=Lax`;
}
