/** Downloads as JSON lines: read a page when the reader wants more, so that a slow one holds neither memory nor a transaction. */

export type Lines<Cursor> = {
  readonly lines: readonly unknown[];
  /** Where to go on; null: that was all. */
  readonly next: Cursor | null;
};

/** A download called `name`. A failure on the way ends it without its end, which the reader sees. */
export function streamLines<Cursor>(name: string, read: (cursor: Cursor | null) => Promise<Lines<Cursor>>): Response {
  const encoder = new TextEncoder();
  let cursor: Cursor | null = null;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      // An empty page would leave the stream waiting for a pull that does not come.
      for (;;) {
        const { lines, next } = await read(cursor);
        if (lines.length > 0) controller.enqueue(encoder.encode(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`));
        if (next === null) return controller.close();
        cursor = next;
        if (lines.length > 0) return;
      }
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'application/jsonl; charset=utf-8',
      'content-disposition': `attachment; filename="${name.replaceAll(/[^\w.-]/g, '-')}.jsonl"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  });
}
