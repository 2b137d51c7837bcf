import { CopyButton } from './copy-button.tsx';

/** A command or a value to take away. `isOneLine` lets it scroll sideways as a whole. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className="group relative rounded-md border border-line bg-sunken">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard. */}
      <pre tabIndex={0} aria-label={label} className="max-h-96 overflow-auto whitespace-pre-wrap p-3 pr-20 text-xs leading-5 [overflow-wrap:anywhere]">{text}</pre>
      <div className="absolute right-1.5 top-1.5"><CopyButton text={text} /></div>
    </div>
  );
}
