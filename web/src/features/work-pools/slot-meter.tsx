/** Slots taken of a limit: one cell each while they can be counted by eye, a bar beyond. */
export function SlotMeter({ held, limit, label }: { held: number; limit: number | null; label: string }) {
  const text = limit === null ? `${held}` : `${held} of ${limit}`;
  return (
    <span className="inline-flex items-center gap-2" title={label}>
      {limit !== null && limit <= 16 && (
        <span aria-hidden className="flex gap-[3px]">
          {Array.from({ length: limit }, (_, index) => (
            <i
              // biome-ignore lint/suspicious/noArrayIndexKey: slots differ by their place alone.
              key={index}
              className={`h-3 w-1.5 rounded-[1px] ${index < held ? 'bg-(--state-running)' : 'bg-hover shadow-[inset_0_0_0_1px_var(--line-strong)]'}`}
            />
          ))}
        </span>
      )}
      {limit !== null && limit > 16 && (
        <span aria-hidden className="h-1.5 w-24 overflow-hidden rounded-full bg-hover">
          <i className="block h-full bg-(--state-running)" style={{ width: `${Math.min(100, (held / limit) * 100)}%` }} />
        </span>
      )}
      <span className="text-sm">
        {text}
        <span className="sr-only"> {label}</span>
      </span>
    </span>
  );
}
