'use client';
import { useState } from 'react';
import { slugOf } from '../../lib/slug.ts';
import { Field, Input } from './field.tsx';

/** `name`, and `slug`, which follows the name until it is written by hand. */
export function NameFields({ slugHint }: { slugHint: string }) {
  const [name, setName] = useState('');
  const [slug, setSlug] = useState<string | null>(null);
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="Name" isRequired>
        {(control) => (
          <Input
            {...control}
            name="name"
            required
            maxLength={200}
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label="Slug" hint={slugHint} isRequired>
        {(control) => (
          <Input
            {...control}
            name="slug"
            required
            maxLength={63}
            pattern="[a-z0-9]+(-[a-z0-9]+)*"
            title="Lower-case letters, digits and single hyphens"
            autoComplete="off"
            value={slug ?? slugOf(name)}
            onChange={(event) => setSlug(event.target.value)}
          />
        )}
      </Field>
    </div>
  );
}

/** What the two fields hold. */
export function nameAndSlug(form: FormData): { name: string; slug: string } {
  return { name: String(form.get('name')).trim(), slug: String(form.get('slug')).trim() };
}
