'use client';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button.tsx';

/** Copies a text and says so, to eyes and to screen readers. */
export function CopyButton({
  text,
  label = 'Copy',
  isIconOnly = false,
}: {
  text: string | (() => string);
  label?: string;
  isIconOnly?: boolean;
}) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 1_600);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    await writeClipboard(typeof text === 'string' ? text : text());
    setCopied(true);
  };
  const Icon = isCopied ? Check : Copy;
  return (
    <Button variant="quiet" size="sm" onClick={copy} aria-label={isIconOnly ? label : undefined} title={isIconOnly ? label : undefined}>
      <Icon aria-hidden className={`size-3.5 ${isCopied ? 'text-good' : ''}`} />
      {!isIconOnly && (isCopied ? 'Copied' : label)}
      <span className="sr-only" aria-live="polite">
        {isCopied && isIconOnly ? 'Copied' : ''}
      </span>
    </Button>
  );
}

/** The clipboard API needs a secure origin; a console on plain http in a private network has none. */
async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  (document.querySelector('[role="dialog"]') ?? document.body).append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
