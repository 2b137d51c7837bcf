import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineCutter } from './line-cutter.ts';

test('however the output arrives, its text is told whole, in pieces that fit', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30_000 }).map((raw) => raw.replaceAll('\u0000', '').replaceAll('\r', ''));
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 20_000 })), (said, sizes) => {
      const cutter = new LineCutter();
      let bytes = Buffer.from(said);
      const lines = sizes.flatMap((size) => {
        const chunk = bytes.subarray(0, size);
        bytes = bytes.subarray(size);
        return cutter.push(chunk);
      });
      lines.push(...cutter.push(bytes), ...cutter.end());
      expect(lines.every((line) => line.text.length <= 16_384)).toBe(true);
      const told = lines.map((line) => line.text + (line.continues ? '' : '\n')).join('');
      expect(told).toBe(said === '' || said.endsWith('\n') ? said : `${said}\n`);
    }),
    { numRuns: 100 },
  );
});
