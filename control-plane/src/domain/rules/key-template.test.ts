import { keyTemplateSchema } from '@signalbox/proto/api';
import { describe, expect, it } from 'vitest';
import { partsOfKey } from './key-template.ts';

describe('a key template', () => {
  it.each<[template: string, parts: unknown]>([
    ['{{ parameters.customer }}', [['customer']]],
    ['{{parameters.customer.id}}', [['customer', 'id']]],
    ['eu-{{ parameters.region }}/{{ parameters.customer-id }}!', ['eu-', ['region'], '/', ['customer-id'], '!']],
  ])('%s is cut into its parts', (template, parts) => {
    expect(keyTemplateSchema.parse(template)).toBe(template);
    expect(partsOfKey(template)).toEqual(parts);
  });

  it.each([
    ['customer'],
    ['{{ customer }}'],
    ['{{ parameters }}'],
    ['{{ parameters.a b }}'],
    ['{{ parameters.a..b }}'],
    ['{{ parameters.a | upper }}'],
    ['{{ parameters.a'],
    ['{{ parameters.a }} }}'],
    ['{{ env.HOME }}'],
    [''],
    ['{ parameters.a }'],
  ])('%s is refused', (template) => {
    expect(keyTemplateSchema.safeParse(template).success).toBe(false);
  });
});
