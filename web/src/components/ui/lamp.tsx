/** A signal lamp. Color comes from the text color; the meaning must stand beside it in words. */
export function Lamp({ isLit = true, isBlinking = false, className = '' }: { isLit?: boolean; isBlinking?: boolean; className?: string }) {
  return <span aria-hidden className={`lamp ${isBlinking ? 'animate-lamp' : ''} ${className}`} data-lit={isLit} />;
}
