/** A two-aspect signal with its lower lamp lit: line clear. */
export function Brand({ hasWord = true }: { hasWord?: boolean }) {
  return (
    <span className="flex items-center gap-2">
      <svg aria-hidden viewBox="0 0 16 26" className="h-6 w-4 text-ink-3" fill="none" stroke="currentColor" strokeWidth="1.5">
        <rect x="2.5" y="1" width="11" height="18" rx="5.5" fill="var(--surface)" />
        <circle cx="8" cy="6.2" r="2.2" strokeWidth="1" />
        <circle cx="8" cy="13.6" r="2.7" className="text-good" fill="currentColor" stroke="none" />
        <path d="M8 19v5M4 25h8" strokeLinecap="round" />
      </svg>
      {hasWord && <span className="text-[0.9375rem] font-semibold tracking-[-0.01em]">Signalbox</span>}
    </span>
  );
}
