import { CopyButton } from './copy-button.tsx';
import { ScrollRegion } from './scroll-region.tsx';

/** A command or a value to take away. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className="group relative rounded-md border border-line bg-sunken">
      <ScrollRegion label={label} className="max-h-96 overflow-auto">
        <pre className="whitespace-pre-wrap p-3 pr-20 text-xs leading-5 [overflow-wrap:anywhere]">{text}</pre>
      </ScrollRegion>
      <div className="absolute right-1.5 top-1.5">
        <CopyButton text={text} />
      </div>
    </div>
  );
}
