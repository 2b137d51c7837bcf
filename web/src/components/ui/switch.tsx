'use client';
import { Switch as Radix } from 'radix-ui';

interface SwitchProps {
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  /** What it switches, for screen readers; pass `id` instead when a <label> names it. */
  label?: string;
  id?: string;
  disabled?: boolean;
}

/** A lever: on is to the right and lit. */
export function Switch({ isOn, onChange, label, id, disabled = false }: SwitchProps) {
  return (
    <Radix.Root
      id={id}
      checked={isOn}
      onCheckedChange={onChange}
      disabled={disabled}
      aria-label={label}
      // A thumb is thicker than the lever.
      className="relative h-[18px] w-8 shrink-0 rounded-full border border-line-strong bg-sunken transition-colors after:absolute after:-inset-x-1 after:-inset-y-2 disabled:opacity-50 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
    >
      <Radix.Thumb className="block size-3 translate-x-0.5 rounded-full bg-ink-3 transition-transform data-[state=checked]:translate-x-4 data-[state=checked]:bg-bg" />
    </Radix.Root>
  );
}
