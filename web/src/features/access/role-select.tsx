'use client';
import { Select } from '../../components/ui/field.tsx';

interface RoleSelectProps<R extends string> {
  /** Whose role, for screen readers. */
  of: string;
  roles: readonly R[];
  value: R;
  onChange: (role: R) => void;
  disabled?: boolean;
  /** Why it cannot be changed, when it cannot. */
  title?: string | undefined;
}

/** A role that is changed where it stands. */
export function RoleSelect<R extends string>({ of, roles, value, onChange, disabled, title }: RoleSelectProps<R>) {
  return (
    <span className="block w-32">
      <Select
        aria-label={`Role of ${of}`}
        value={value}
        disabled={disabled}
        title={title}
        onChange={(event) => {
          const role = roles.find((each) => each === event.target.value);
          if (role && role !== value) onChange(role);
        }}
      >
        {roles.map((role) => (
          <option key={role}>{role}</option>
        ))}
      </Select>
    </span>
  );
}
